// vitest, in a process that ends when its work is done. When a process ends by itself, Node closes its handles one by one;
// with the handles that vitest leaves, Node 20 was seen to stay in that loop for ever, after the last line of a report.

process.once('beforeExit', () => process.exit())
await import(new URL('../node_modules/vitest/vitest.mjs', import.meta.url).href)
