// npm run chaos -- --minutes 10 --clients 2000 [--counting 100] [--seed 1]: a server in the midst of clients that
// connect, send, stall, reset and vanish at random, while others count. None of what those count may be lost or come out
// of order; memory goes down again, and no handle is left. `npm run soak` is the same for longer, with fewer clients.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureDependencies } from './ensure-deps.mjs'

await ensureDependencies()
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '2000' },
    counting: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})
const minutes = Number(values.minutes)
const [unruly, counting, seed] = [values.clients, values.counting, values.seed].map(Number)
if (!(minutes > 0 && minutes <= 24 * 60) || ![unruly, counting, seed].every(Number.isInteger)) {
  console.error(
    'Cannot run chaos: expected --minutes up to a day, and whole --clients, --counting and --seed',
  )
  process.exit(1)
}

const folder = new URL('../packages/ws/test/chaos/', import.meta.url)
const options = JSON.stringify({ ms: minutes * 60_000, unruly, counting, seed, folder: folder.href })
// Bundled, so that the code runs as it is published, and not as a test runner transforms it.
const out = mkdtempSync(join(tmpdir(), 'chansel-chaos-'))
process.on('exit', () => rmSync(out, { recursive: true, force: true }))
const file = join(out, 'main.mjs')
const { rolldown } = await import('rolldown')
const build = await rolldown({
  input: fileURLToPath(new URL('main.ts', folder)),
  platform: 'node',
  external: isBuiltin,
  resolve: { conditionNames: ['@chansel/source', 'node', 'import', 'default'] },
  transform: { target: 'node20' },
})
await build.write({ file, format: 'esm', codeSplitting: false })
await build.close()
process.exitCode =
  spawnSync(process.execPath, ['--expose-gc', file, options], { stdio: 'inherit' }).status ?? 1
