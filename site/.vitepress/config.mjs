import { existsSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import { root, slugOf } from '../../scripts/markdown.mjs'
import { forTheSite, shownSources } from '../markdown.mjs'
import { addressOf, generated, markdownIn, pages, rewriteOf, sections, titleOf } from '../pages.mjs'
import { referenceSidebar } from '../reference.mjs'
import { serveSources, writeSources } from '../sources.mjs'

const base = process.env['SITE_BASE'] ?? '/'

const references = markdownIn(`${generated}/`)
const all = [...pages, ...references]

const guides = sections.map(({ text, collapsed, pages: files }) => ({
  text,
  ...(collapsed === undefined ? {} : { collapsed }),
  items: files
    .filter((path) => pages.includes(path))
    .map((path) => ({ text: titleOf(path), link: `/${addressOf(path)}` })),
}))

export default defineConfig({
  title: 'Chansel',
  description:
    'Go’s channels, select and contexts for TypeScript, and WebSocket connections that are channels',
  lang: 'en',
  base,
  // The pages stay where they are, in docs/ and elsewhere in the repository.
  srcDir: '..',
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  rewrites: Object.fromEntries(all.map((path) => [path, rewriteOf(path)])),
  srcExclude: markdownIn('').filter((path) => !all.includes(path)),
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}mark.svg` }]],
  markdown: {
    anchor: { slugify: slugOf },
    config: (md) => forTheSite(md, base),
    // By default it gives up on a line after half a second: on a busy machine the first block of a page lost its colours.
    shikiSetup: (shiki) => {
      const { codeToHtml } = shiki
      shiki.codeToHtml = (code, options) => codeToHtml(code, { ...options, tokenizeTimeLimit: 0 })
    },
  },
  vite: {
    configFile: false,
    publicDir: 'site/public',
    // As large as the index of the search, which is loaded only when somebody searches.
    build: { chunkSizeWarningLimit: 2_000 },
    plugins: [serveSources(base)],
  },
  // Programs side by side need the place of the outline.
  transformPageData: ({ relativePath, frontmatter }) => {
    if (relativePath.startsWith('coming-from')) frontmatter['aside'] = false
  },
  buildEnd: ({ outDir }) => writeSources(outDir, shownSources, base),
  themeConfig: {
    logo: '/mark.svg',
    nav: [
      { text: 'Guide', link: '/tutorial.html', activeMatch: '^/(?!api/|bench/|examples/)[a-z-]+\\.html' },
      { text: 'Reference', link: '/api/chansel/', activeMatch: '^/api/' },
      {
        text: 'Examples',
        link: `/${addressOf(markdownIn('examples/')[0] ?? '')}`,
        activeMatch: '^/examples/',
      },
      { text: 'Benchmarks', link: '/bench/', activeMatch: '^/bench/' },
      ...(existsSync(`${root}site/playground`)
        ? [{ text: 'Playground', link: '/playground/', target: '_self' }]
        : []),
    ],
    sidebar: { '/': guides, '/api/': referenceSidebar() },
    outline: [2, 3],
    search: { provider: 'local' },
    externalLinkIcon: true,
    footer: { message: 'MIT licence. The tests run every program on these pages.' },
  },
})
