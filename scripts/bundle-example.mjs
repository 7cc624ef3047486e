// Bundles the chat example from the sources of the packages: nothing has to be built before.

import { cp, rm } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const chat = fileURLToPath(new URL('../examples/chat', import.meta.url))
const source = '@chansel/source'

/**
 * Writes `server/main.js` and the folder `page/` (`main.js` and the static files) into `outDir`.
 *
 * @param {string} [outDir] emptied first
 * @returns {Promise<{ server: string, page: string }>} the server's module and the page's folder
 */
export async function bundleChat(outDir = join(chat, 'dist')) {
  const server = join(outDir, 'server/main.js')
  const page = join(outDir, 'page')
  await rm(outDir, { recursive: true, force: true })
  await Promise.all([
    bundle(server, {
      input: join(chat, 'src/server/main.ts'),
      platform: 'node',
      external: (id) => isBuiltin(id) || id === 'ws',
      resolve: { conditionNames: [source, 'node', 'import', 'default'] },
      // Node 20 has no `using`.
      transform: { target: 'node20' },
    }),
    bundle(join(page, 'main.js'), {
      input: join(chat, 'src/page/main.ts'),
      platform: 'browser',
      resolve: { conditionNames: [source, 'browser', 'import', 'default'] },
      transform: { target: 'es2022' },
    }),
    cp(join(chat, 'public'), page, { recursive: true }),
  ])
  return { server, page }
}

/**
 * @param {string} file
 * @param {import('rolldown').InputOptions} options
 */
async function bundle(file, options) {
  const build = await rolldown(options)
  try {
    await build.write({ file, format: 'esm', sourcemap: true, codeSplitting: false })
  } finally {
    await build.close()
  }
}
