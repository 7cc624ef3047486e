// The one way to run a step of a script: say what it is, share the terminal, stop at the first failure.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// Vitest colours a pipe, too: in a log its summary would be unreadable.
const isPlain = !process.stdout.isTTY && !process.env['FORCE_COLOR']
const env = isPlain ? { ...process.env, NO_COLOR: '1' } : process.env

/**
 * Runs a tool of node_modules at the root of the repository. Its failure ends this process with its exit code.
 *
 * @param {string} title
 * @param {keyof typeof tools} tool
 * @param {...string} args
 */
export function step(title, tool, ...args) {
  console.log(`\n> ${title}: ${[tool, ...args].join(' ')}`)
  const { status, signal, error } = spawnSync(process.execPath, [tools[tool], ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  if (status === 0) return
  console.error(`\n${title} failed: ${error?.message ?? signal ?? `exit code ${status}`}`)
  process.exit(status ?? 1)
}

// Paths and not names: node_modules/.bin holds shell scripts on one platform and .cmd files on another.
const tools = {
  tsc: 'node_modules/typescript/bin/tsc',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  oxfmt: 'node_modules/oxfmt/bin/oxfmt',
  vite: 'node_modules/vite/bin/vite.js',
  vitest: 'scripts/vitest.mjs',
}
