// CHANGELOG.md as the scripts read and write it: a section for each version, with a heading for each kind of change, and
// entries that begin with their module.

/** @typedef {'major' | 'minor' | 'patch'} Level */

const UNRELEASED = '## Unreleased'

/**
 * @param {string} changelog
 * @returns {{ heading: string, entries: string[] }[]} what is under Unreleased, each entry in one line
 */
export function unreleased(changelog) {
  return sectionOf(changelog, UNRELEASED)
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n')
      const entries = lines.join('\n').split(/^- /m).slice(1)
      return { heading, entries: entries.map((entry) => entry.replace(/\s+/g, ' ').trim()) }
    })
}

/**
 * @param {string} changelog
 * @param {string} specifier an entry point, such as `chansel/testing/vitest`
 * @returns {string[]} what is under Unreleased of its module: of that name, or of the module that it is a part of
 */
export function unreleasedEntries(changelog, specifier) {
  const parts = specifier.split('/')
  const least = specifier.startsWith('@') ? 2 : 1
  // chansel/sync is not a part of chansel, but chansel/testing/vitest is a part of chansel/testing.
  const modules = [specifier, ...(parts.length > least + 1 ? [parts.slice(0, -1).join('/')] : [])]
  return unreleased(changelog)
    .flatMap(({ entries }) => entries)
    .filter((entry) => modules.some((module) => entry.startsWith(`${module}: `)))
}

/**
 * @param {string} changelog
 * @param {string} version
 * @param {string} date
 * @returns {string} the changelog with what is under Unreleased under the version
 */
export function release(changelog, version, date) {
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## ${version} (${date})`)
}

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {string | undefined} what the changelog says of a version that is released
 */
export function notesOf(changelog, version) {
  const heading = changelog.split('\n').find((line) => line.startsWith(`## ${version} (`))
  return heading === undefined ? undefined : sectionOf(changelog, heading).trim()
}

/**
 * @param {string} changelog
 * @returns {boolean} whether any version has been released
 */
export function hasReleases(changelog) {
  return /^## \d/m.test(changelog)
}

/**
 * How far the entries under Unreleased take the version. Below 1.0 what breaks is a minor, as semver has it for `^`.
 *
 * @param {string} changelog
 * @param {string} current
 * @returns {Level}
 */
export function levelOf(changelog, current) {
  const parts = unreleased(changelog).filter(({ entries }) => entries.length > 0)
  const breaks = parts.some(
    ({ heading, entries }) =>
      heading === 'Removed' || entries.some((entry) => entry.includes('**Breaking**')),
  )
  if (breaks) return current.startsWith('0.') ? 'minor' : 'major'
  return parts.every(({ heading }) => ['Fixed', 'Security'].includes(heading)) ? 'patch' : 'minor'
}

/**
 * @param {string} changelog
 * @param {string} heading
 */
function sectionOf(changelog, heading) {
  const start = changelog.indexOf(`${heading}\n`)
  if (start < 0) return ''
  const end = changelog.indexOf('\n## ', start + heading.length)
  return changelog.slice(start + heading.length + 1, end < 0 ? undefined : end)
}
