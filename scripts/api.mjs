// npm run api: writes the public surface of each entry point to `api`, as text that a review can read. One that changed is
// written only when the changelog says something new of its module under Unreleased. `test/api.test.ts` checks both.

import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './ensure-deps.mjs'
import { PACKAGES, run } from './pack.mjs'
import { unreleasedEntries } from './changelog.mjs'

/**
 * @typedef {object} Entry
 * @property {string} specifier what programs import
 * @property {string} file its place in `api`
 * @property {string} source its sources
 * @typedef {Entry & { text: string }} Surface
 */

/**
 * @param {string} root
 * @returns {Entry[]} the entry points of all packages, as their manifests name them
 */
export function entriesOf(root) {
  return PACKAGES.flatMap(({ name, folder }) => {
    /** @type {Record<string, { '@chansel/source'?: string }>} */
    const exports = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).exports
    return Object.entries(exports).flatMap(([subpath, { '@chansel/source': source }]) => {
      if (source === undefined) return []
      const specifier = subpath.replace('.', name)
      const file = `api/${subpath.replace('.', folder.replace('packages/', '')).replaceAll('/', '.')}.md`
      return [{ specifier, file, source: join(folder, source) }]
    })
  })
}

/**
 * @param {string} root
 * @returns {Promise<Surface[]>} what each entry point declares, from the sources as they are
 */
export async function readSurfaces(root) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'chansel-api-')))
  try {
    emitDeclarations(root, folder)
    // A part of the bundler, so it can be imported only once everything is installed.
    const { surfaceOf } = await import('./surface.mjs')
    return entriesOf(root).map((entry) => {
      const declarations = entry.source.replace(/^packages\//, '').replace(/\.ts$/, '.d.ts')
      return { ...entry, text: surfaceOf(join(folder, declarations)) }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} root
 * @param {string} folder
 */
function emitDeclarations(root, folder) {
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'packages'),
      outDir: folder,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(root, 'packages/*/src')],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  run(folder, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
}

/**
 * The page of a surface. Its marks say of what surface it was written, and with what change entries.
 *
 * @param {Surface} surface
 * @param {readonly string[]} entries
 */
export function pageOf({ specifier, text }, entries) {
  return `# ${specifier}

<!-- npm run api: surface ${digest(text)}, changes ${digest(entries.join('\n'))} -->

${text}`
}

/**
 * @param {string} page
 * @returns {{ text: string, surface: string, changes: string } | undefined} `undefined` for what is no such page
 */
export function readPage(page) {
  const [, surface, changes, text] =
    /^# .*\n\n<!-- npm run api: surface (\w+), changes (\w+) -->\n\n([^]*)$/.exec(page) ?? []
  return surface && changes && text !== undefined ? { text, surface, changes } : undefined
}

/**
 * What to write for a surface; a string is what keeps it from being written.
 *
 * @param {Surface} surface
 * @param {string | undefined} before the page as it is
 * @param {readonly string[]} entries what the changelog says of the module
 * @returns {{ page: string } | { problem: string } | undefined} `undefined` if the page says all this already
 */
export function record(surface, before, entries) {
  const old = before === undefined ? undefined : readPage(before)
  if (old !== undefined && old.text === surface.text && old.surface === digest(surface.text)) return undefined
  if (entries.length === 0 || old?.changes === digest(entries.join('\n'))) {
    return {
      problem: `Cannot write ${surface.file}: CHANGELOG.md says nothing new of ${surface.specifier} under Unreleased`,
    }
  }
  return { page: pageOf(surface, entries) }
}

/** @param {string} text */
export function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** @param {string} path */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await ensureDependencies()
  const root = fileURLToPath(new URL('..', import.meta.url))
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  mkdirSync(join(root, 'api'), { recursive: true })
  for (const surface of await readSurfaces(root)) {
    const path = join(root, surface.file)
    const change = record(surface, readIfThere(path), unreleasedEntries(changelog, surface.specifier))
    if (change === undefined) continue
    if ('page' in change) {
      writeFileSync(path, change.page)
      console.log(`Wrote ${surface.file}`)
    } else {
      console.error(change.problem)
      process.exitCode = 1
    }
  }
}
