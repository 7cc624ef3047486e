// The version of the project is in several files. This says in which.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGES } from './pack.mjs'

/**
 * @param {string} root
 * @param {string} version
 * @returns {Map<string, string>} each file that says the version, with the new one
 */
export function versionEdits(root, version) {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  )
  const manifests = ['', ...folders].map((folder) => join(folder, 'package.json'))
  const files = [...manifests, ...PACKAGES.map(({ folder }) => `${folder}/jsr.json`), 'package-lock.json']
  /** @type {Map<string, string>} */
  const edits = new Map()
  for (const file of files) {
    const before = readIfThere(join(root, file))
    if (before === undefined) continue
    const after = JSON.parse(before)
    if (file === 'package-lock.json') setInLock(after, version)
    else setInManifest(after, version)
    const isSame = JSON.stringify(after) === JSON.stringify(JSON.parse(before))
    if (!isSame) edits.set(file, `${JSON.stringify(after, null, 2)}\n`)
  }
  return edits
}

/**
 * @typedef {{ version?: string, dependencies?: Record<string, string>, imports?: Record<string, string> }} Manifest
 * @param {Manifest} manifest
 * @param {string} version
 */
function setInManifest(manifest, version) {
  // An example that is not a package has none.
  if (manifest.version !== undefined) manifest.version = version
  for (const { name } of PACKAGES) {
    if (manifest.dependencies?.[name] !== undefined) manifest.dependencies[name] = `^${version}`
  }
  // On JSR chansel has another name, and its entry points are imports of their own.
  for (const [name, target] of Object.entries(manifest.imports ?? {})) {
    if (typeof target === 'string' && target.startsWith('jsr:'))
      manifest.imports = { ...manifest.imports, [name]: target.replace(/@\^[^/]+/, `@^${version}`) }
  }
}

/**
 * @param {{ version: string, packages: Record<string, Manifest> }} lock
 * @param {string} version
 */
function setInLock(lock, version) {
  lock.version = version
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (!path.includes('node_modules/')) setInManifest(entry, version)
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
