// npm start: bundles the chat example from source and runs its server in this very process, so that Ctrl-C and
// SIGTERM reach it.

import { pathToFileURL } from 'node:url'
import { ensureDependencies } from './ensure-deps.mjs'

await ensureDependencies()
// The bundler is a dependency: it can be imported only now.
const { bundleChat } = await import('./bundle-chat.mjs')
console.log('Bundling examples/chat ...')
const { server } = await bundleChat()
await import(pathToFileURL(server).href)
