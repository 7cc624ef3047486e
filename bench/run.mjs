// npm run bench: installs what is missing, checks the types, bundles everything from source, measures.

import { fileURLToPath } from 'node:url'
import { ensureDependencies } from '../scripts/ensure-deps.mjs'
import { step } from '../scripts/run.mjs'

await ensureDependencies()
await ensureDependencies(fileURLToPath(new URL('.', import.meta.url)))
step('Types', 'tsc', '-p', 'bench')
// The bundler is a dependency, and it makes the driver: both can be imported only now.
const { bundleBench } = await import('./bundle.mjs')
await bundleBench()
const driver = new URL('dist/main.js', import.meta.url).href
const { main } = await import(driver)
await main(process.argv.slice(2))
