// What the site adds to a page's Markdown: links that lead to other pages of the site, rules that are anchors and link to
// their tests, and programs side by side.

import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { isThere, root, targetOf } from '../scripts/markdown.mjs'
import { allTests, rulesOf } from '../scripts/rules.mjs'
import { addressOf, generated, pages } from './pages.mjs'

/**
 * @typedef {import('vitepress').MarkdownRenderer} MarkdownIt
 * @typedef {ReturnType<MarkdownIt['parse']>[number]} Token
 */

/** The files that pages link to and that are not pages: the build shows them, see sources.mjs. */
export const shownSources = new Set()

/**
 * @param {MarkdownIt} md
 * @param {string} base of the site
 */
export function forTheSite(md, base) {
  // The last of the core rules: what these leave is what is rendered.
  md.core.ruler.push('chansel', (state) => {
    const file = state.env.realPath ?? state.env.path
    if (file === undefined) return // a title, which is rendered by itself
    const page = relative(root, file)
    const Token = state.Token
    /** @param {string} content */
    const html = (content) => Object.assign(new Token('html_inline', '', 0), { content })

    for (const token of state.tokens.flatMap((token) => [token, ...(token.children ?? [])])) {
      if (token.type === 'link_open') leadOn(page, token, base)
      if (token.type.startsWith('html_')) token.content = leadOnHtml(page, token.content, base)
    }
    if (page === 'docs/semantics.md') markRules(state.tokens, base, html)
    setSideBySide(state.tokens, html)
  })
}

/**
 * @param {string} page from the root
 * @param {Token} link
 * @param {string} base
 */
function leadOn(page, link, base) {
  const place = placeOf(page, link.attrGet('href') ?? '')
  if (place === undefined) return
  // vitepress checks that links between pages lead somewhere, and puts the base before them.
  link.attrSet('href', place.isPage ? `/${place.address}` : base + place.address)
  if (!place.isPage) link.attrSet('target', '_self')
}

/**
 * The same in HTML. Pictures there are found from the page they are on, which has to be said with a dot.
 *
 * @param {string} page from the root
 * @param {string} content
 * @param {string} base
 */
function leadOnHtml(page, content, base) {
  return content
    .replace(/ href="([^"]+)"/g, (attribute, /** @type {string} */ href) => {
      const place = placeOf(page, href)
      if (place === undefined) return attribute
      return ` href="${base}${place.address}"${place.isPage ? '' : ' target="_self"'}`
    })
    .replace(/ (src|srcset)="(?=\w[^:"]*")/g, ' $1="./')
}

/**
 * Where a link leads on the site, from its base on; `undefined` for one within its page, or to elsewhere on the web.
 *
 * @param {string} page from the root
 * @param {string} href
 */
function placeOf(page, href) {
  const target = targetOf(page, href)
  if (target === undefined || href.startsWith('#') || href.startsWith('/')) return undefined
  const { path, anchor } = target
  if (!isThere(path)) throw new Error(`Cannot link ${page} to ${href}: there is no ${path}`)
  const hash = anchor === '' ? '' : `#${anchor}`
  const asPage = [path, `${path}/README.md`].find(isPage)
  if (asPage !== undefined) return { address: addressOf(asPage) + hash, isPage: true }
  shownSources.add(path)
  return { address: sourceAddressOf(path) + hash, isPage: false }
}

/** @param {string} path */
function isPage(path) {
  return path === 'README.md' || pages.includes(path) || path.startsWith(`${generated}/`)
}

/**
 * The address of a file that is no page, from the base of the site on.
 *
 * @param {string} path from the root
 */
export function sourceAddressOf(path) {
  return `source/${path}.html`
}

/**
 * Each rule of the page of semantics is an anchor, `#C17`, and ends with links to the tests that carry its number.
 *
 * @param {Token[]} tokens
 * @param {string} base
 * @param {(content: string) => Token} html
 */
function markRules(tokens, base, html) {
  const tests = testsByRule()
  tokens.forEach((item, i) => {
    const inline = tokens[i + 2]
    if (item.type !== 'list_item_open' || !inline?.children) return
    const [, number = ''] = /^\*\*([A-Z]\d+) /.exec(inline.content) ?? []
    if (number === '') return
    item.attrSet('id', number)
    item.attrSet('class', 'rule')
    inline.children = inline.children.flatMap((child) => withReferences(child, number, tests, html))
    const files = tests.get(number) ?? new Map()
    const links = [...files].map(([file, { name, line }]) => {
      shownSources.add(file)
      const stem = file.replace(/^.*\//, '').replace(/\.test(-d)?\.ts$/, '')
      const title = name.replace(/[&<>"]/g, (/** @type {string} */ char) => `&#${char.codePointAt(0)};`)
      return `<a href="${base}${sourceAddressOf(file)}#L${line}" target="_self" title="${title}">${stem}</a>`
    })
    if (links.length > 0) inline.children.push(html(` <span class="tests">${links.join(' ')}</span>`))
  })
}

/**
 * A rule's own number leads to itself, that of another rule to that one.
 *
 * @param {Token} token
 * @param {string} own
 * @param {ReturnType<typeof testsByRule>} rules
 * @param {(content: string) => Token} html
 */
function withReferences(token, own, rules, html) {
  if (token.type !== 'text') return [token]
  return token.content.split(/\b([A-Z]\d{1,2})\b/).map((part, i) => {
    if (i % 2 === 1 && rules.has(part))
      return html(`<a href="#${part}"${part === own ? ' class="number"' : ''}>${part}</a>`)
    return Object.assign(Object.create(Object.getPrototypeOf(token)), token, { content: part })
  })
}

/** @type {Map<string, Map<string, { name: string, line: number }>> | undefined} */
let known

/** For each rule the files that test it, each with the first test that has its number. */
function testsByRule() {
  if (known) return known
  known = new Map(
    rulesOf(readFileSync(`${root}docs/semantics.md`, 'utf8')).map(({ number }) => [number, new Map()]),
  )
  for (const { file, name, line } of allTests()) {
    for (const [number] of name.matchAll(/\b[A-Z]\d{1,2}\b/g)) {
      const files = known.get(number)
      if (files && !files.has(file)) files.set(file, { name, line })
    }
  }
  return known
}

/**
 * The two programs after a comment `side by side` stand beside each other where there is room.
 *
 * @param {Token[]} tokens
 * @param {(content: string) => Token} html
 */
function setSideBySide(tokens, html) {
  for (let i = tokens.length - 1; i >= 0; i--) {
    const [comment, left, right] = tokens.slice(i, i + 3)
    if (comment?.type !== 'html_block' || !comment.content.includes('side by side')) continue
    if (left?.type !== 'fence' || right?.type !== 'fence')
      throw new Error('Cannot set side by side: two programs follow')
    tokens.splice(i, 3, html('<div class="side-by-side">'), left, right, html('</div>'))
  }
}
