// A process under measurement: node --expose-gc serve.js <module of a library>. One process for one library, so
// that each call site of a load sees one library only, as in a program that uses it.

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { type Library, WrongResult } from '../library.ts'
import { calibrate } from './calibrate.ts'
import { measure } from './measure.ts'
import type { Description, Reply, Request } from './protocol.ts'

const { library } = (await import(pathToFileURL(process.argv[2]!).href)) as { library: Library }

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Request))}\n`)
}
process.exit(0)

async function answer(request: Request): Promise<Reply> {
  try {
    if (request.command === 'describe') return describe()
    const entry = library.loads[request.load]
    if (entry === undefined || 'no' in entry) return { error: `no load ${request.load}` }
    if (request.command === 'run') return await measure(entry.run, request.n)
    return { n: await calibrate(entry.run, request.targetMs) }
  } catch (error) {
    if (error instanceof WrongResult) return { error: `wrong: ${error.message}` }
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

function describe(): Description {
  const loads = Object.entries(library.loads).map(([name, entry]) => {
    if ('no' in entry) return [name, { no: entry.no }]
    return [name, entry.note === undefined ? {} : { note: entry.note }]
  })
  return { loads: Object.fromEntries(loads) as Description['loads'] }
}
