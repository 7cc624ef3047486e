// Which files of the repository are pages of the site, in which order, and at which address. The sidebar, the addresses
// and the links follow from this list; a test compares it with the folder.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { root } from '../scripts/markdown.mjs'

/** Made by the build: the reference, from the docstrings. */
export const generated = 'site/generated'

/** @type {readonly { readonly text: string, readonly collapsed?: boolean, readonly pages: readonly string[] }[]} */
export const sections = [
  { text: 'Start', pages: ['docs/tutorial.md', 'docs/go-to-typescript.md', 'docs/recipes.md'] },
  {
    text: 'Coming from',
    pages: [
      'docs/coming-from-ts-chan.md',
      'docs/coming-from-rxjs.md',
      'docs/coming-from-events.md',
      'docs/coming-from-effect.md',
    ],
  },
  {
    text: 'Guides',
    pages: [
      'docs/channels.md',
      'docs/select.md',
      'docs/context.md',
      'docs/tasks.md',
      'docs/sync.md',
      'docs/time.md',
      'docs/pipelines.md',
      'docs/backpressure.md',
      'docs/websockets.md',
      'docs/interop.md',
      'docs/testing.md',
      'docs/performance.md',
      'docs/observability.md',
      'docs/runtimes.md',
      'docs/versions.md',
      'docs/playground.md',
    ],
  },
  {
    text: 'Guarantees',
    pages: ['docs/semantics.md', 'docs/go-programs.md', 'docs/websockets-faults.md', 'SECURITY.md'],
  },
  { text: 'Decisions', collapsed: true, pages: markdownIn('docs/decisions/') },
  {
    text: 'Benchmarks',
    collapsed: true,
    pages: ['bench/README.md', 'bench/tasks.md', 'bench/pipelines.md', 'bench/ws.md'],
  },
  { text: 'Examples', collapsed: true, pages: markdownIn('examples/') },
  { text: 'Project', collapsed: true, pages: ['CHANGELOG.md', 'CONTRIBUTING.md'] },
]

export const front = 'site/index.md'

/** Every page that is written by hand. */
export const pages = [front, ...sections.flatMap((section) => section.pages)].filter((path) =>
  existsSync(root + path),
)

/**
 * The file of a page on the site, as a Markdown file: what vitepress calls a rewrite.
 *
 * @param {string} path from the root
 */
export function rewriteOf(path) {
  if (path === front || path === 'README.md') return 'index.md'
  if (path === 'CHANGELOG.md') return 'changes.md'
  return path
    .replace(/^docs\//, '')
    .replace(/^site\/generated\//, '')
    .replace(/^examples\/([^/]+)\/README\.md$/, 'examples/$1.md')
    .replace(/README\.md$/, 'index.md')
    .replace(/^[A-Z]+\.md$/, (name) => name.toLowerCase())
}

/**
 * The address of a page, from the base of the site on.
 *
 * @param {string} path from the root
 */
export function addressOf(path) {
  return rewriteOf(path)
    .replace(/(^|\/)index\.md$/, '$1')
    .replace(/\.md$/, '.html')
}

/**
 * Every Markdown file below a folder, in order.
 *
 * @param {string} folder from the root, with a slash at its end; '' for the root
 * @returns {string[]}
 */
export function markdownIn(folder) {
  const entries = existsSync(root + folder) ? readdirSync(root + folder, { withFileTypes: true }) : []
  const names = entries.map(({ name }) => name).sort()
  return names.flatMap((name) => {
    if (/^(?:\.|node_modules$|dist$)/.test(name)) return []
    if (name.endsWith('.md')) return [folder + name]
    return statSync(root + folder + name).isDirectory() ? markdownIn(`${folder}${name}/`) : []
  })
}

/** What a page is called in the sidebar if its own title is too long or repeats the section's. */
const shortTitles = /** @type {Record<string, string>} */ ({
  'docs/tutorial.md': 'Tutorial',
  'docs/go-to-typescript.md': 'If you know Go',
  'docs/coming-from-ts-chan.md': 'ts-chan',
  'docs/coming-from-rxjs.md': 'RxJS',
  'docs/coming-from-events.md': 'EventEmitter',
  'docs/coming-from-effect.md': 'Effect',
  'docs/interop.md': 'Streams, events, ts-chan',
  'docs/testing.md': 'Testing: finding a race',
  'docs/semantics.md': 'Rules by number',
  'docs/go-programs.md': 'Go’s own tests',
  'docs/websockets-faults.md': 'Faults of a WebSocket',
  'bench/README.md': 'The engine',
  'bench/tasks.md': 'Locks and tasks',
  'bench/pipelines.md': 'Pipelines',
  'bench/ws.md': 'Sockets',
})

/** @param {string} path from the root */
export function titleOf(path) {
  const [, title] = /^# (.+)$/m.exec(readFileSync(root + path, 'utf8')) ?? []
  if (title === undefined) throw new Error(`Cannot list ${path}: it has no title`)
  return shortTitles[path] ?? title.replaceAll('`', '')
}
