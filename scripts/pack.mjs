// The packages as they are published: built from nothing and packed, in a copy, so that no `dist` is left in the tree.

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { copyRepository } from './copy.mjs'
import { renameImportsOfDeclarations } from './declarations.mjs'

/** In the order in which they are published: a package comes after those that it depends on. */
export const PACKAGES = [
  { name: 'chansel', folder: 'packages/core' },
  { name: '@chansel/ws', folder: 'packages/ws' },
]

/**
 * @typedef {{ name: string, version: string, path: string, files: string[] }} Tarball
 * @param {string} root the repository
 * @param {string} folder for the tarballs
 * @param {Iterable<readonly [file: string, text: string]>} [edits] what is other in the copy
 * @returns {Tarball[]}
 */
export function packPackages(root, folder, edits = []) {
  const copy = copyRepository(root)
  try {
    for (const [file, text] of edits) writeFileSync(join(copy, file), text)
    run(copy, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-b', 'tsconfig.build.json')
    renameImportsOfDeclarations(join(copy, 'packages'))
    const workspaces = PACKAGES.map(({ name }) => `-w=${name}`)
    const output = npm(
      copy,
      'pack',
      '--json',
      '--ignore-scripts',
      `--pack-destination=${folder}`,
      ...workspaces,
    )
    /** @type {{ name: string, version: string, filename: string, files: { path: string }[] }[]} */
    const packed = JSON.parse(output)
    return packed.map(({ name, version, filename, files }) => ({
      name,
      version,
      path: join(folder, filename),
      files: files.map(({ path }) => path),
    }))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/**
 * Runs npm: the one that runs this, or that of the PATH.
 *
 * @param {string} cwd
 * @param {...string} args
 */
export function npm(cwd, ...args) {
  const path = process.env['npm_execpath'] ?? ''
  return basename(path) === 'npm-cli.js'
    ? run(cwd, process.execPath, path, ...args)
    : run(cwd, 'npm', ...args)
}

/**
 * Runs a program and gives what it printed; a failure carries it, too.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {...string} args
 */
export function run(cwd, command, ...args) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error)
    throw new Error(`Cannot run ${[command, ...args].join(' ')}\n${stdout}${stderr}`)
  }
}
