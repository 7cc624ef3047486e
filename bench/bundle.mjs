// Bundles the driver and the processes under measurement, with the engine from its sources as they are now.

import { rm } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const bench = fileURLToPath(new URL('.', import.meta.url))
const output = join(bench, 'dist')
/** Its engine is another one, so it is bundled apart from all others. */
const unprotected = 'chansel-unprotected'

/** Writes `dist/main.js`, `dist/serve.js` and a module for each library; the same for sockets in `dist/ws`. */
export async function bundleBench() {
  await rm(output, { recursive: true, force: true })
  const libraries = readdirSync(join(bench, 'src/libraries'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== unprotected)
  const modules = libraries.map((name) => [`libraries/${name}`, join(bench, `src/libraries/${name}.ts`)])
  const servers = readdirSync(join(bench, 'src/suites/ws/servers'))
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== 'server')
  await write({
    main: join(bench, 'src/main.ts'),
    serve: join(bench, 'src/measure/serve.ts'),
    ...Object.fromEntries(modules),
  })
  await write(
    {
      serve: join(bench, 'src/suites/ws/serve.ts'),
      'serve-bun': join(bench, 'src/suites/ws/serve-bun.ts'),
      generate: join(bench, 'src/suites/ws/generate.ts'),
      ...Object.fromEntries(
        servers.map((name) => [`servers/${name}`, join(bench, `src/suites/ws/servers/${name}.ts`)]),
      ),
    },
    [],
    'ws',
  )
  await write(
    { [unprotected]: join(bench, `src/libraries/${unprotected}.ts`) },
    [withoutProtection()],
    'libraries',
  )
}

/**
 * @param {Record<string, string>} input
 * @param {import('rolldown').Plugin[]} [plugins]
 * @param {string} [folder]
 */
async function write(input, plugins = [], folder = '') {
  const build = await rolldown({
    input,
    plugins,
    platform: 'node',
    // The libraries run as they are published; the engine is bundled as its own build would be, including the code that
    // stands in for `using`.
    external: (id) =>
      isBuiltin(id) || (/^[@\w]/.test(id) && !/^(@chansel\/ws|@oxc-project\/runtime|chansel)(\/|$)/.test(id)),
    resolve: { conditionNames: ['@chansel/source', 'node', 'import', 'default'] },
    transform: { target: 'node20' },
  })
  try {
    await build.write({ dir: join(output, folder), format: 'esm', sourcemap: true })
  } finally {
    await build.close()
  }
}

/**
 * The engine that never yields: its budget of operations never runs out, its slice never ends.
 *
 * @returns {import('rolldown').Plugin}
 */
function withoutProtection() {
  const never = { BUDGET: '2 ** 30 - 1', SLICE_MS: 'Infinity' }
  /** @type {Set<string>} */
  const replaced = new Set()
  return {
    name: 'without-protection',
    transform(code, id) {
      if (!/packages\/core\/src\/internal\//.test(id)) return null
      let changed = code
      for (const [name, value] of Object.entries(never)) {
        changed = changed.replace(new RegExp(`const ${name}(: number)? = [\\d.]+`), () => {
          replaced.add(name)
          return `const ${name}: number = ${value}`
        })
      }
      // No line moves, so the source map of the original stays valid.
      return changed === code ? null : { code: changed, map: null }
    },
    buildEnd() {
      for (const name of Object.keys(never)) {
        if (!replaced.has(name)) throw new Error(`Cannot unprotect the engine: no constant ${name} in it`)
      }
    },
  }
}
