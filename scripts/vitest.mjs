// vitest, in a process that ends when its work does. A process that comes to its end by itself has its handles closed one
// by one; with those that vitest leaves, Node 20 was seen to turn in that loop for ever, after the last line of a report.

process.once('beforeExit', () => process.exit())
await import(new URL('../node_modules/vitest/vitest.mjs', import.meta.url).href)
