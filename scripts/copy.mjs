// A copy of the repository to try something in: its own sources, and the dependencies of this one.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, sep } from 'node:path'

// Leave out what a build remembers along with what it made, or the copy would count as built.
const LEFT_OUT = ['.git', '.runtimes', 'node_modules', 'dist', 'build.tsbuildinfo', 'results']

/**
 * @param {string} root the repository
 * @returns {string} the folder of the copy, whose `tmp` is for what runs in it
 */
export function copyRepository(root) {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'chansel-copy-')))
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) })
  // This may itself be a copy.
  mkdirSync(join(copy, 'tmp'), { recursive: true })
  linkModules(root, copy, 'node_modules')
  return copy
}

/**
 * Links what is installed. A package of the repository is linked to its sources in the copy: `chansel` in a test has
 * to be the one beside it.
 *
 * @param {string} root
 * @param {string} copy
 * @param {string} folder
 */
function linkModules(root, copy, folder) {
  for (const { name } of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (name.startsWith('.')) continue
    const module = join(folder, name)
    if (name.startsWith('@')) {
      linkModules(root, copy, module)
      continue
    }
    const installed = realpathSync(join(root, module))
    const place = relative(root, installed)
    const isOurs = !place.startsWith('..') && !place.split(sep).includes('node_modules')
    mkdirSync(dirname(join(copy, module)), { recursive: true })
    symlinkSync(isOurs ? join(copy, place) : installed, join(copy, module), 'junction')
  }
}
