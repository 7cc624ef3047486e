// The files that pages link to and that are not pages themselves, above all tests, as plain pages with numbered lines, so
// that the site needs no other host.

import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../scripts/markdown.mjs'
import { shownSources, sourceAddressOf } from './markdown.mjs'

/**
 * @param {string} outDir of the site
 * @param {Iterable<string>} paths from the root
 * @param {string} base of the site
 */
export function writeSources(outDir, paths, base) {
  const wanted = new Set(paths)
  // A folder links to its files.
  for (const path of wanted) for (const file of filesIn(path)) wanted.add(file)
  for (const path of wanted) {
    const file = join(outDir, 'source', `${path}.html`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, sourcePage(path, base))
  }
}

/**
 * The same while the site is being written.
 *
 * @param {string} base of the site
 */
export function serveSources(base) {
  return {
    name: 'chansel:sources',
    /** @param {Awaited<ReturnType<typeof import('vitepress').createServer>>} server */
    configureServer(server) {
      server.middlewares.use(`${base}source/`, (request, response, next) => {
        const path = decodeURI(request.url ?? '').replace(/^\/|\.html$|[?#].*/g, '')
        if (!shownSources.has(path)) return next()
        response.setHeader('Content-Type', 'text/html')
        response.end(sourcePage(path, base))
      })
    },
  }
}

/**
 * @param {string} path from the root
 * @param {string} base
 */
function sourcePage(path, base) {
  const isFolder = statSync(root + path).isDirectory()
  const body = isFolder ? listing(path, base) : numbered(readFileSync(root + path, 'utf8'))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(path)} | Chansel</title>
<style>${style}</style>
<header><a href="${base}">Chansel</a> <span>${escaped(path)}</span></header>
<main>${body}</main>
</html>
`
}

/** @param {string} path */
function filesIn(path) {
  if (!statSync(root + path).isDirectory()) return []
  return readdirSync(root + path, { withFileTypes: true })
    .filter((entry) => !/^(?:node_modules|dist|\..*)$/.test(entry.name))
    .map((entry) => `${path}/${entry.name}`)
}

/**
 * @param {string} path
 * @param {string} base
 */
function listing(path, base) {
  const rows = filesIn(path).map((file) => {
    const name = file.slice(path.length + 1) + (statSync(root + file).isDirectory() ? '/' : '')
    return `<li><a href="${base}${sourceAddressOf(file)}">${escaped(name)}</a>`
  })
  return `<ul>${rows.join('')}</ul>`
}

/** @param {string} text */
function numbered(text) {
  const lines = text.replace(/\n$/, '').split('\n')
  return `<pre>${lines.map((line, i) => `<span id="L${i + 1}">${escaped(line)}\n</span>`).join('')}</pre>`
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`)
}

const style = `
:root { color-scheme: light dark; --ink: #3c3c43; --soft: #8e8e93; --line: #e2e2e3; --mark: #fff3c4; --brand: #0f7285 }
@media (prefers-color-scheme: dark) { :root { --ink: #dfdfd6; --soft: #7c7c82; --line: #2e2e32; --mark: #3f3513; --brand: #5cc8db } }
body { margin: 0; color: var(--ink); font: 14px/1.7 ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace }
header { position: sticky; top: 0; padding: 12px 24px; background: Canvas; border-bottom: 1px solid var(--line) }
header a { margin-right: 12px; font-weight: 600 }
a { color: var(--brand); text-decoration: none }
main { padding: 12px 0; overflow-x: auto }
pre { margin: 0; counter-reset: line; width: max-content; min-width: 100%; font: inherit; font-size: 13px }
pre span { display: block; padding-right: 24px; scroll-margin-top: 96px }
pre span::before { counter-increment: line; content: counter(line); display: inline-block; width: 56px; margin-right: 20px; text-align: right; color: var(--soft) }
pre span:target { background: var(--mark) }`
