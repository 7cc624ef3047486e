// npm start [example] [its arguments]: bundles an example from source, the chat unless told otherwise, and runs it in this
// very process, so that Ctrl-C and SIGTERM reach it.

import { pathToFileURL } from 'node:url'
import { ensureDependencies } from './ensure-deps.mjs'

await ensureDependencies()
// The bundler is a dependency: it can be imported only now.
const { bundleExample } = await import('./bundle-example.mjs')
const [name = 'chat', ...args] = process.argv.slice(2)
console.log(`Bundling examples/${name} ...`)
const program = await bundleExample(name)
process.argv.splice(1, Infinity, program, ...args)
await import(pathToFileURL(program).href)
