// What the site and the checks of the docs have to know of Markdown: links, headings, and the anchors of both.

import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The anchor of a heading, as GitHub makes it; the site makes the same.
 *
 * @param {string} title without markup
 */
export function slugOf(title) {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/**
 * Every anchor of a page: its headings, the second of a name with -1, and the rules of semantics.md, which are
 * anchors on the site.
 *
 * @param {string} markdown
 */
export function anchorsOf(markdown) {
  const prose = withoutCode(markdown)
  /** @type {Map<string, number>} */
  const seen = new Map()
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const slug = slugOf(title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, ''))
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  const rules = [...prose.matchAll(/^- \*\*([A-Z]\d+) /gm)].map(([, number = '']) => number)
  return new Set([...headings, ...rules])
}

/**
 * The links and pictures of a page, in text, in tables and in HTML, but not in code.
 *
 * @param {string} markdown
 * @returns {{ href: string, line: number }[]}
 */
export function linksOf(markdown) {
  const prose = withoutCode(markdown)
  const inText = /\]\((?<href>[^()\s]+)\)|(?:href|src|srcset)="(?<html>[^"{}]+)"/g
  return [...prose.matchAll(inText)].map((match) => ({
    href: /** @type {string} */ (match.groups?.['href'] ?? match.groups?.['html']),
    line: prose.slice(0, match.index).split('\n').length,
  }))
}

/**
 * Where a link of a page of the repository leads: a path from the root, and an anchor in it. `undefined` for a link
 * to another place on the web.
 *
 * @param {string} page from the root
 * @param {string} href
 * @returns {{ path: string, anchor: string } | undefined}
 */
export function targetOf(page, href) {
  if (/^[a-z][a-z+.-]*:|^\/\//i.test(href)) return undefined
  const [path = '', anchor = ''] = href.split('#')
  const target = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), decodeURI(path)))
  return { path: target.replace(/\/$/, ''), anchor: decodeURI(anchor) }
}

/** @param {string} path from the root */
export function isThere(path) {
  return !path.startsWith('..') && existsSync(root + path)
}

/**
 * Blanks out fences and spans of code, line by line, so that places stay what they were.
 *
 * @param {string} markdown
 */
function withoutCode(markdown) {
  return markdown
    .replace(/^( *)(`{3,}).*?^\1\2/gms, (fence) => fence.replace(/[^\n]/g, ' '))
    .replace(/(`+)[^`\n]+\1/g, (span) => span.replace(/[[\]()<>]/g, ' '))
}
