// The links in the docs lead somewhere, every page is on the site, and the figures are those of the benchmarks.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { figures, quoting, withFigures } from '../scripts/figures.mjs'
import { anchorsOf, isThere, linksOf, root, slugOf, targetOf } from '../scripts/markdown.mjs'
import { checkSite } from '../site/check.mjs'
import { addressOf, pages, rewriteOf, sections } from '../site/pages.mjs'

const read = (path: string): string => readFileSync(root + path, 'utf8')
const git = ['ls-files', '-co', '--exclude-standard', '*.md']
const written = execFileSync('git', git, { cwd: root, encoding: 'utf8' })
  .split('\n')
  .slice(0, -1)
  .filter(isThere)

/** What is wrong with the links of a page, each with its line. */
function brokenIn(page: string, markdown: string): string[] {
  return linksOf(markdown).flatMap(({ href, line }) => {
    const target = targetOf(page, href)
    if (target === undefined) return []
    const at = `${page}:${line}: ${href}`
    if (!isThere(target.path)) return [`${at}: there is no ${target.path}`]
    if (target.anchor === '') return []
    const isFolder = statSync(root + target.path).isDirectory()
    const file = isFolder ? `${target.path}/README.md` : target.path
    if (!file.endsWith('.md')) return /^L\d+$/.test(target.anchor) ? [] : [`${at}: no page`]
    const anchors = anchorsOf(file === page ? markdown : read(file))
    return anchors.has(target.anchor) ? [] : [`${at}: ${file} has no ${target.anchor}`]
  })
}

describe('links', () => {
  test.each(written)('those of %s lead somewhere', (page) => {
    expect(brokenIn(page, read(page))).toEqual([])
  })

  test('what a package shows to its registry leads nowhere else in the repository', () => {
    const readmes = written.filter((path) => /^packages\/[^/]+\/README\.md$/.test(path))
    expect(readmes).toHaveLength(2)
    const links = readmes.flatMap((page) => linksOf(read(page)).map(({ href }) => targetOf(page, href)))
    expect(links.filter((target) => target !== undefined && target.anchor === '')).toEqual([])
  })
})

describe('the site', () => {
  test('has every page of docs in its sidebar, once', () => {
    const listed = sections.flatMap((section) => section.pages)
    const docs = written.filter((path) => path.startsWith('docs/'))
    expect(docs.filter((path) => !listed.includes(path))).toEqual([])
    expect(listed.filter((path, i) => listed.indexOf(path) !== i)).toEqual([])
  })

  test('gives each page an address of its own', () => {
    expect(new Set(pages.map(addressOf)).size).toBe(pages.length)
    expect(
      ['docs/channels.md', 'bench/README.md', 'examples/chat/README.md', 'site/index.md'].map(addressOf),
    ).toEqual(['channels.html', 'bench/', 'examples/chat.html', ''])
    expect(rewriteOf('CHANGELOG.md')).toBe('changes.md')
  })
})

test('each figure of the docs is that of the last run of the benchmarks', () => {
  const current = figures()
  for (const page of quoting) expect(read(page), page).toBe(withFigures(read(page), current))
  const quoted = new Set(
    quoting.flatMap((page) => [...read(page).matchAll(/<!--([a-z\d-]+)-->/g)].map(([, name]) => name!)),
  )
  expect(
    [...current.keys()].filter((name) => !quoted.has(name)),
    'nobody quotes these',
  ).toEqual([])
})

describe('the check itself', () => {
  test('makes the anchors that GitHub makes', () => {
    expect(slugOf('What it costs, and what it buys')).toBe('what-it-costs-and-what-it-buys')
    expect(slugOf('Channels (C)')).toBe('channels-c')
    const page =
      '# A `b` c\n\n## Twice\n\n## Twice\n\n```sh\n# not a heading\n```\n\n- **C1 Capacity.** Whole.\n'
    expect([...anchorsOf(page)]).toEqual(['a-b-c', 'twice', 'twice-1', 'C1'])
  })

  test('sees links in text, tables and HTML, and none in code', () => {
    const page =
      'a [b](c.md)\n\n| [d](e.md#f) |\n\n<a href="g.md">\n\n`[h](i.md)` ![j](k.svg)\n\n```ts\n[l](m.md)\n```\n'
    expect(linksOf(page)).toEqual([
      { href: 'c.md', line: 1 },
      { href: 'e.md#f', line: 3 },
      { href: 'g.md', line: 5 },
      { href: 'k.svg', line: 7 },
    ])
  })

  test('finds a file that is not there, an anchor that is not there, and a way out of the repository', () => {
    expect(
      brokenIn(
        'docs/select.md',
        '[a](none.md)\n[b](channels.md#none)\n[c](../../x.md)\n[d](https://go.dev)\n',
      ),
    ).toEqual([
      'docs/select.md:1: none.md: there is no docs/none.md',
      'docs/select.md:2: channels.md#none: docs/channels.md has no none',
      'docs/select.md:3: ../../x.md: there is no ../x.md',
    ])
    expect(brokenIn('docs/select.md', '# Here\n\n[a](#here) [b](#there) [c](semantics.md#C17)\n')).toEqual([
      'docs/select.md:3: #there: docs/select.md has no there',
    ])
  })

  test('of a site that was built, finds the links that lead nowhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chansel-site-'))
    const publish = (page: string): void => {
      writeFileSync(join(folder, 'index.html'), page)
      checkSite(folder, '/base/')
    }
    const whole =
      '<a href="/base/"></a><a class="x" href="#here"></a><a href="https://go.dev"></a><h2 id="here">'
    expect(() => publish(whole)).not.toThrow()
    expect(() => publish('<a href="/base/none.html">')).toThrow('there is no such page')
    expect(() => publish('<a href="#there">')).toThrow('there is no such place')
    expect(() => publish('<a href="/">')).toThrow('leaves the site')
    rmSync(folder, { recursive: true })
  })

  test('writes a figure anew, and refuses one that it does not know', () => {
    expect(withFigures('a <!--x-->1<!--/--> b', new Map([['x', '2']]))).toBe('a <!--x-->2<!--/--> b')
    expect(() => withFigures('<!--y-->1<!--/-->', new Map())).toThrow('Cannot find the figure y')
  })
})
