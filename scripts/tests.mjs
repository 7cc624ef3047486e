// Runs a test file in a process of its own, for the commands that run more of a test than `npm test` does.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {string} project one of vitest.config.ts
 * @param {string} file
 * @param {Readonly<Record<string, string>>} env what the tests are told
 * @returns {Promise<{ status: number | null, output: string }>}
 */
export async function runTests(project, file, env) {
  const child = spawn(process.execPath, ['scripts/vitest.mjs', 'run', '--project', project, file], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const status = await new Promise((resolve) => child.on('close', resolve))
  return { status, output }
}
