// npm run release [-- patch|minor|major|<version>] [--dry-run]: makes a release of what is under Unreleased in CHANGELOG.md.
// Sets the version, checks, builds and packs, commits and tags. Pushes nothing and publishes nothing: the tag, once it
// is pushed, makes the workflow do that, with
//
// npm run release -- --publish --tag v1.2.3 [--dry-run]: builds, packs and publishes the version of the tag that is
// checked out. Packages that the registry has in that version are left alone, so it can be run again.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hasReleases, levelOf, notesOf, release, unreleased } from './changelog.mjs'
import { ensureDependencies } from './ensure-deps.mjs'
import { PACKAGES, npm, packPackages } from './pack.mjs'
import { step } from './run.mjs'
import { versionEdits } from './version.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'dry-run': { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    tag: { type: 'string' },
  },
})
const isDry = values['dry-run']
const tarballs = mkdtempSync(join(tmpdir(), 'chansel-release-'))
process.on('exit', () => rmSync(tarballs, { recursive: true, force: true }))

await ensureDependencies()
if (values.publish) publish(values.tag)
else prepare(positionals[0])

/** @param {string | undefined} wanted a version or a level; by default what the changelog calls for */
function prepare(wanted) {
  const changelog = read('CHANGELOG.md')
  if (unreleased(changelog).every(({ entries }) => entries.length === 0))
    fail('CHANGELOG.md has nothing under Unreleased')
  const current = versionOfRoot()
  const version = nextVersion(current, wanted, changelog)
  const tag = `v${version}`
  if (git('tag', '--list', tag) !== '') fail(`there is a tag ${tag}`)
  if (git('status', '--porcelain') !== '' && !isDry) fail('there are changes that are not committed')

  const edits = versionEdits(root, version)
  edits.set('CHANGELOG.md', release(changelog, version, new Date().toISOString().slice(0, 10)))
  console.log(`${current} -> ${version}, because of\n`)
  for (const { heading, entries } of unreleased(changelog)) {
    console.log(`${heading}: ${entries.length}`)
    for (const entry of entries) console.log(`  ${entry}`)
  }
  console.log('\nchanges')
  for (const [file, text] of edits) console.log(`  ${file}: ${changedLines(read(file), text)} lines`)

  if (!isDry) {
    for (const [file, text] of edits) writeFileSync(join(root, file), text)
    step('Format', 'oxfmt', ...edits.keys())
  }
  step('Types', 'tsc', '-p', '.')
  step('Packages', 'vitest', 'run', '--project', 'house', 'test/packages', 'test/api', 'test/release')
  console.log('\npacks')
  pack(edits)
  if (isDry) {
    console.log(`\nA dry run: nothing was changed. It would commit this and tag it ${tag}.`)
    return
  }
  git('commit', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', tag, '--message', notesOf(read('CHANGELOG.md'), version) ?? version)
  console.log(`\nCommitted and tagged. To release it: git push --follow-tags`)
}

/** @param {string | undefined} tag */
function publish(tag) {
  const version = versionOfRoot()
  if (tag !== `v${version}`) fail(`the packages are ${version}, and --tag says ${tag ?? 'nothing'}`)
  if (notesOf(read('CHANGELOG.md'), version) === undefined) fail(`CHANGELOG.md has no section ${version}`)
  console.log('packs')
  for (const { name, path } of pack(repositoryEdits())) {
    if (isPublished(name, version)) {
      console.log(`${name} ${version} is published already`)
      continue
    }
    // A provenance is a statement of the forge: there is none elsewhere.
    const flags = ['--access', 'public', ...(process.env['GITHUB_ACTIONS'] ? ['--provenance'] : [])]
    npm(tarballs, 'publish', path, ...flags, ...(isDry ? ['--dry-run'] : []))
    console.log(`${isDry ? 'Would publish' : 'Published'} ${name} ${version}`)
  }
}

/** @param {Iterable<readonly [string, string]>} edits */
function pack(edits) {
  const packed = packPackages(root, tarballs, edits)
  for (const { name, version, path, files } of packed)
    console.log(`  ${name} ${version}: ${files.length} files, ${Math.ceil(statSync(path).size / 1_024)} KiB`)
  return packed
}

/** The registry compares the location of the sources with the provenance, and only the forge knows it. */
function repositoryEdits() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env
  if (!server || !repository) return []
  return PACKAGES.map(({ folder }) => {
    const file = `${folder}/package.json`
    const url = `git+${server}/${repository}.git`
    const manifest = { ...JSON.parse(read(file)), repository: { type: 'git', url, directory: folder } }
    return /** @type {const} */ ([file, `${JSON.stringify(manifest, null, 2)}\n`])
  })
}

/**
 * @param {string} name
 * @param {string} version
 */
function isPublished(name, version) {
  try {
    return npm(tarballs, 'view', `${name}@${version}`, 'version').trim() === version
  } catch {
    return false // There is no such package, or no such version.
  }
}

/**
 * @param {string} current
 * @param {string | undefined} wanted
 * @param {string} changelog
 */
function nextVersion(current, wanted, changelog) {
  if (wanted !== undefined && /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted)) return wanted
  if (wanted === undefined && !hasReleases(changelog)) return current
  const [major = 0, minor = 0, patch = 0] = current.split('.').map(Number)
  switch (wanted ?? levelOf(changelog, current)) {
    case 'major':
      return `${major + 1}.0.0`
    case 'minor':
      return `${major}.${minor + 1}.0`
    case 'patch':
      return `${major}.${minor}.${patch + 1}`
    default:
      return fail(`expected patch, minor, major or a version, got ${wanted}`)
  }
}

function versionOfRoot() {
  return /** @type {string} */ (JSON.parse(read('package.json')).version)
}

/**
 * @param {string} before
 * @param {string} after
 */
function changedLines(before, after) {
  const lines = new Set(before.split('\n'))
  return after.split('\n').filter((line) => !lines.has(line)).length
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8')
}

/** @param {...string} args */
function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}

/**
 * @param {string} why
 * @returns {never}
 */
function fail(why) {
  console.error(`Cannot release: ${why}`)
  process.exit(1)
}
