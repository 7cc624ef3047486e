// npm run site: the documentation as a site, in site/dist. `-- --dev` serves it while you write, `-- --serve` serves what
// was built. SITE_BASE is the path at which it will be served, `/` by default.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureDependencies } from '../scripts/ensure-deps.mjs'
import { step } from '../scripts/run.mjs'
import { checkSite } from './check.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const base = process.env['SITE_BASE'] ?? '/'
const { dev, serve, port } = parseArgs({
  options: {
    dev: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
    port: { type: 'string', default: '4173' },
  },
}).values

await ensureDependencies()
if (serve) {
  if (!existsSync(`${here}dist`)) throw new Error('Cannot serve the site: build it first, with npm run site')
  step(
    'Serve',
    'vite',
    'preview',
    '--outDir',
    'site/dist',
    '--base',
    base,
    '--host',
    '127.0.0.1',
    '--port',
    port,
  )
  process.exit()
}

await ensureDependencies(here)
step('Types', 'tsc', '-p', 'site')
// The dependencies of the site can be imported only now.
const { build, createServer } = await import('vitepress')
const { writeReference } = await import('./reference.mjs')
console.log('\n> Reference')
await writeReference()
if (dev) {
  const server = await createServer(here, { host: '127.0.0.1', port: Number(port) })
  await server.listen()
  server.printUrls()
} else {
  console.log('\n> Pages')
  await build(here)
  // The playground is built separately, beside the other pages.
  const playground = new URL('playground/build.mjs', import.meta.url)
  if (existsSync(playground)) {
    console.log('\n> Playground')
    const { buildPlayground } = await import(playground.href)
    await buildPlayground(`${here}dist/playground`)
  }
  console.log('\n> Links')
  checkSite(`${here}dist`, base)
}
