// Bundles an example from the sources of the packages, so nothing has to be built first.

import { cp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const examples = fileURLToPath(new URL('../examples', import.meta.url))
const source = '@chansel/source'

/**
 * Bundles an example for `npm start`, into its folder `dist`, which is emptied first.
 *
 * @param {string} name a folder of `examples` with a `src/main.ts`, or with a `src/server/main.ts` as the chat has
 * @returns {Promise<string>} the program
 */
export async function bundleExample(name) {
  const example = join(examples, name)
  if (existsSync(join(example, 'src/server/main.ts'))) return (await bundleChat()).server
  const main = join(example, 'src/main.ts')
  if (!existsSync(main)) throw new Error(`Cannot start ${name}: there is no ${main}`)
  const dist = join(example, 'dist')
  const program = join(dist, 'main.js')
  await rm(dist, { recursive: true, force: true })
  const worker = join(example, 'src/worker.ts')
  const page = join(example, 'src/page/main.ts')
  await Promise.all([
    bundleProgram(main, program),
    existsSync(worker) && bundleProgram(worker, join(dist, 'worker.js')),
    existsSync(page) && bundlePage(page, join(dist, 'page.js')),
  ])
  return program
}

/**
 * Writes `server/main.js` and the folder `page/` (`main.js` and the static files) of the chat into `outDir`.
 *
 * @param {string} [outDir] emptied first
 * @returns {Promise<{ server: string, page: string }>} the server's module and the page's folder
 */
export async function bundleChat(outDir = join(examples, 'chat/dist')) {
  const chat = join(examples, 'chat')
  const server = join(outDir, 'server/main.js')
  const page = join(outDir, 'page')
  await rm(outDir, { recursive: true, force: true })
  await Promise.all([
    bundleProgram(join(chat, 'src/server/main.ts'), server),
    bundlePage(join(chat, 'src/page/main.ts'), join(page, 'main.js')),
    cp(join(chat, 'public'), page, { recursive: true }),
  ])
  return { server, page }
}

/**
 * A program for Node 20, which knows neither TypeScript nor `using`.
 *
 * @param {string} input
 * @param {string} file
 */
export async function bundleProgram(input, file) {
  await bundle(file, {
    input,
    platform: 'node',
    external: (id) => isBuiltin(id) || (isPackage(id) && !isOurs(id)),
    resolve: { conditionNames: [source, 'node', 'import', 'default'] },
    transform: { target: 'node20' },
  })
}

/** @param {string} id */
function isPackage(id) {
  return /^[@\w]/.test(id)
}

/**
 * What a bundle has in it: the packages of this repository, and the bundler's own helpers.
 *
 * @param {string} id
 */
function isOurs(id) {
  return /^(chansel|@chansel\/ws|@oxc-project\/runtime)(\/|$)/.test(id)
}

/**
 * A module for browsers.
 *
 * @param {string} input
 * @param {string} file
 */
export async function bundlePage(input, file) {
  await bundle(file, {
    input,
    platform: 'browser',
    resolve: { conditionNames: [source, 'browser', 'import', 'default'] },
    transform: { target: 'es2022' },
  })
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
