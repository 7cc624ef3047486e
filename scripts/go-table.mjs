// Writes docs/go-programs.md: what Go tests about channels, select, contexts and time, and where that is rewritten. It
// reads the lists and the headers of packages/core/test/go, whose README says what they look like.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

export const TABLE = 'docs/go-programs.md'
const TESTS = 'packages/core/test'
const PROGRAMS = `${TESTS}/go`
/** The folders of the lists, in the order of the page. */
const SECTIONS = ['chan', '.', 'fixedbugs', 'runtime', 'reflect', 'context', 'time', 'sync', 'x-sync']
/** Tests of this project itself. */
const NOT_OF_GO = [`${PROGRAMS}/table.test.ts`]

/**
 * @typedef {{ subject: string, reason: string | undefined }} Listed one line of a list
 * @typedef {{ folder: string, heading: string, lines: Listed[] }} Section
 * @typedef {{ subject: string, proves: string, file: string }} Rewritten one line of a header
 */

/**
 * @param {string} root the repository
 * @returns {{ text: string, problems: string[] }} the page, and what keeps it from being complete
 */
export function goTable(root) {
  /** @type {string[]} */
  const problems = []
  const files = filesIn(join(root, TESTS)).map((file) => relative(root, file).split(sep).join('/'))
  const sections = files
    .filter((file) => file.startsWith(`${PROGRAMS}/`) && posix.basename(file) === 'list.txt')
    .flatMap((file) => readList(file, readFileSync(join(root, file), 'utf8'), problems))
    .sort((a, b) => SECTIONS.indexOf(a.folder) - SECTIONS.indexOf(b.folder))
  const rewritten = files
    .filter((file) => /\.test(-d)?\.ts$/.test(file) && !NOT_OF_GO.includes(file))
    .flatMap((file) => readHeader(file, readFileSync(join(root, file), 'utf8'), problems))

  check(sections, rewritten, problems)
  return { text: page(sections, rewritten), problems }
}

/**
 * @param {string} file
 * @param {string} text
 * @param {string[]} problems
 * @returns {Section[]}
 */
function readList(file, text, problems) {
  const folder = posix.relative(PROGRAMS, posix.dirname(file)) || '.'
  if (!SECTIONS.includes(folder)) problems.push(`${file}: the folder has no place in the order of the page`)
  /** @type {Section[]} */
  const sections = []
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, subject, reason] = /^(\S+(?: \w+)?)(?: — does not apply: (\S.*))?$/.exec(line) ?? []
    const section = sections.at(-1)
    if (line.startsWith('# ')) sections.push({ folder, heading: line.slice(2), lines: [] })
    else if (subject === undefined || section === undefined)
      problems.push(`${file}: not a line of a list: ${line}`)
    else section.lines.push({ subject, reason })
  }
  return sections
}

/**
 * @param {string} file
 * @param {string} text
 * @param {string[]} problems
 * @returns {Rewritten[]}
 */
function readHeader(file, text, problems) {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  const header = lines
    .slice(0, end)
    .join('\n')
    .replaceAll(/\n\/\/ {2,}/g, ' ')
  const entries = header.split('\n').filter((line) => line.startsWith('// Go:'))
  if (entries.length === 0 && file.startsWith(`${PROGRAMS}/`)) problems.push(`${file}: no header, “// Go: …”`)
  return entries.flatMap((line) => {
    const [, subject, proves] = /^\/\/ Go: (\S+(?: \w+)?) — (\S.*)$/.exec(line) ?? []
    if (subject !== undefined && proves !== undefined) return [{ subject, proves, file }]
    problems.push(`${file}: not a line of a header: ${line}`)
    return []
  })
}

/**
 * @param {Section[]} sections
 * @param {Rewritten[]} rewritten
 * @param {string[]} problems
 */
function check(sections, rewritten, problems) {
  const listed = sections.flatMap(({ lines }) => lines)
  for (const [i, { subject, reason }] of listed.entries()) {
    const files = rewritten.filter((one) => one.subject === subject).map(({ file }) => file)
    if (listed.findIndex((one) => one.subject === subject) < i) problems.push(`${subject}: listed twice`)
    if (reason === undefined && files.length === 0)
      problems.push(`${subject}: neither rewritten nor a reason`)
    if (reason !== undefined && files.length > 0)
      problems.push(`${subject}: a reason, and rewritten in ${files[0]}`)
  }
  for (const { subject, file } of rewritten) {
    if (!listed.some((one) => one.subject === subject)) problems.push(`${file}: in no list: ${subject}`)
  }
}

/**
 * @param {Section[]} sections
 * @param {Rewritten[]} rewritten
 */
function page(sections, rewritten) {
  const all = sections.flatMap(({ lines }) => lines)
  const applying = all.filter(({ reason }) => reason === undefined)
  return `# Go's own programs

Go tests its channels, select, contexts, timers and locks with the programs and tests below. The paths are those of the
Go 1.19 tree, unless a section names a newer version. Of these ${all.length}, ${applying.length} apply,
and are rewritten in TypeScript. \`node scripts/go-table.mjs\` writes this page from the headers of the tests.

${sections.map((section) => sectionText(section, rewritten)).join('\n')}`
}

/**
 * @param {Section} section
 * @param {Rewritten[]} rewritten
 */
function sectionText({ heading, lines }, rewritten) {
  const rows = lines.map(({ subject, reason }) => {
    const entries = rewritten.filter((one) => one.subject === subject)
    const proves = [...new Set(entries.map((entry) => entry.proves))].join(' ')
    const links = entries.map(
      ({ file }) => `[${posix.relative(TESTS, file)}](${posix.relative('docs', file)})`,
    )
    const cells = reason === undefined ? [proves, links.join(', ')] : [`Does not apply: ${reason}`, '']
    const escaped = cells.map((cell) => cell.replaceAll('<', '&lt;').replaceAll('|', '\\|'))
    return `| ${[`\`${subject}\``, ...escaped].join(' | ')} |`
  })
  return [
    `## ${heading}`,
    '',
    '| Go | what it proves | rewritten in |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/**
 * @param {string} folder
 * @returns {string[]} in the order of their names
 */
function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const { text, problems } = goTable(root)
  writeFileSync(join(root, TABLE), text)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
