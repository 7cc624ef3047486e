// node site/playground/build.mjs [outDir]: the playground as static files, from the sources of the packages. They work
// from wherever they are put, also opened as a file.

import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * @param {string} [outDir] emptied first
 * @returns {Promise<string>} that folder
 */
export async function buildPlayground(
  outDir = fileURLToPath(new URL('../dist/playground', import.meta.url)),
) {
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'warn',
    resolve: { conditions: ['@chansel/source', ...defaultClientConditions] },
    // A classic script has no address of its own.
    define: { 'import.meta.url': "''" },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // The first that know light-dark(), which is younger than that.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: false,
      // A function around it all, because the names of a classic script are everybody's.
      rolldownOptions: { output: { codeSplitting: false, banner: '(() => {', footer: '})()' } },
    },
    plugins: [classicScript],
  })
  return outDir
}

/** Browsers load no module from a file, and nothing that needs CORS; but a single bundle can be a classic script. */
const classicScript = {
  name: 'classic-script',
  enforce: /** @type {const} */ ('post'),
  /** @param {string} html */
  transformIndexHtml: (html) =>
    html.replace('<script type="module"', '<script defer').replaceAll(' crossorigin', ''),
}

if (argv[1] === fileURLToPath(import.meta.url)) await buildPlayground(argv[2])
