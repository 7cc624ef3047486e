// The loads of the suite of tasks run as they do when they are measured, with few items: each checks its own result.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'
import { library as chansel } from '../src/libraries/chansel-tasks.ts'
import { library as promises } from '../src/libraries/promises-tasks.ts'
import { type Library, WrongResult } from '../src/library.ts'
import { measure } from '../src/measure/measure.ts'
import { mapLoads, mutexLoads } from '../src/suites/tasks/loads.ts'
import { tasks } from '../src/suites/tasks/suite.ts'

beforeAll(() => {
  setFlagsFromString('--expose-gc')
  globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction
})

const subjects: [string, Library][] = [
  ['chansel', chansel],
  ['promises', promises],
]

describe.each(subjects)('%s', (_, library) => {
  test.each(Object.entries(library.loads))('%s runs and finds what it did', async (_name, entry) => {
    if (!('run' in entry)) throw new Error('does all')
    for (const figure of Object.values((await measure(entry.run, 64)).observed)) expect(figure).not.toBeNaN()
  })

  test('offers the loads of the suite', () => {
    expect(Object.keys(library.loads).sort()).toEqual(tasks.loads.map((load) => load.name).sort())
  })
})

const runOf = (loads: Library['loads'], name: string) => {
  const entry = loads[name]!
  if (!('run' in entry)) throw new Error('has a run')
  return entry.run
}

test('a lock that lets two in is told', async () => {
  const open = mutexLoads(() => ({ acquire: () => Promise.resolve(), release: () => {} }))
  await expect(runOf(open, 'mutex')(64)).rejects.toThrow(WrongResult)
})

test('a map without bounds, or one that loses items, is told', async () => {
  const all = mapLoads((n, work) => Promise.all(Array.from({ length: n }, (_, i) => work(i))))
  await expect(runOf(all, 'map')(64)).rejects.toThrow('at once')
  await expect(
    runOf(
      mapLoads(async () => {}),
      'map',
    )(64),
  ).rejects.toThrow('sum')
})
