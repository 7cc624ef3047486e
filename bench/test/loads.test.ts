// The loads of the engine's suite run as they do when they are measured, with few items: each checks its own result.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'
import { library as asyncGenerators } from '../src/libraries/async-generators.ts'
import { channels, library as chansel } from '../src/libraries/chansel.ts'
import { library as byHand } from '../src/libraries/by-hand.ts'
import { library as chanselPipeline } from '../src/libraries/chansel-pipeline.ts'
import { library as promises } from '../src/libraries/promises.ts'
import { type Library, WrongResult } from '../src/library.ts'
import { calibrate } from '../src/measure/calibrate.ts'
import { measure } from '../src/measure/measure.ts'
import { mpmc } from '../src/suites/engine/loads/mpmc.ts'
import { pingPong, pingPongOf } from '../src/suites/engine/loads/ping-pong.ts'
import { selectReceive } from '../src/suites/engine/loads/select.ts'
import { firstPrimes, sieve } from '../src/suites/engine/loads/sieve.ts'
import { spsc } from '../src/suites/engine/loads/spsc.ts'
import { engine } from '../src/suites/engine/suite.ts'
import { pipelines } from '../src/suites/pipelines/suite.ts'
import type { Suite } from '../src/suites/suite.ts'

beforeAll(() => {
  // The memory probes need a collector that can be called, as with node --expose-gc.
  setFlagsFromString('--expose-gc')
  globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction
})

const subjects: [string, Library, Suite][] = [
  ['chansel', chansel, engine],
  ['promises', promises, engine],
  ['async-generators', asyncGenerators, engine],
  ['chansel-pipeline', chanselPipeline, pipelines],
  ['by-hand', byHand, pipelines],
]

describe.each(subjects)('%s', (_, library, suite) => {
  const loads = Object.entries(library.loads).flatMap(([name, entry]) =>
    'run' in entry ? [[name, entry.run] as const] : [],
  )

  test.each(loads)('%s runs and finds what it sent', async (_name, run) => {
    const { cpuNs, wallNs, observed } = await measure(run, 64)
    expect(wallNs).toBeGreaterThan(0)
    expect(cpuNs).toBeGreaterThanOrEqual(0)
    for (const figure of Object.values(observed)) expect(figure).not.toBeNaN()
  })

  test('offers loads of the suite only', () => {
    const names = suite.loads.map((load) => load.name)
    expect(Object.keys(library.loads).filter((name) => !names.includes(name))).toEqual([])
  })
})

test('every load of the suite but the prepared selects is offered by chansel', () => {
  const names = engine.loads.map((load) => load.name).filter((name) => !name.startsWith('prepared-'))
  expect(names.filter((name) => !(name in chansel.loads))).toEqual([])
})

describe('a select', () => {
  const run = (phase: 'ready' | 'parked') => {
    const entry = chansel.loads[`select-receive-2-${phase}`]!
    if (!('run' in entry)) throw new Error('chansel has a select')
    return entry.run(6_400)
  }

  // Enough items for several slices: a yield to the event loop must not shift the phase.
  test('that is to find its partner waiting always does', async () => {
    expect(await run('ready')).toEqual({ readyShare: 1 })
  })

  test('that is to wait first always does', async () => {
    expect(await run('parked')).toEqual({ readyShare: 0 })
  })
})

describe('a library that loses a value is found out by', () => {
  // Gives 0 instead of each 50th value.
  let received = 0
  const lossy: typeof channels = { ...channels, valueOf: (it) => (++received % 50 === 0 ? 0 : it.value!) }
  const makeSelector = () => ({ wait: () => Promise.resolve(0), valueOf: () => 0 })
  const loads = [
    ['spsc', spsc(lossy, 0)],
    ['mpmc', mpmc(lossy)],
    ['ping-pong', pingPong(pingPongOf(lossy))],
    ['select', selectReceive({ ...channels, send: async () => {} }, makeSelector, 2, 'ready')],
  ] as const

  test.each(loads)('%s', async (_name, run) => {
    await expect(run(128)).rejects.toThrow(WrongResult)
  })
})

test('the sieve finds the first thousand primes', async () => {
  expect(firstPrimes(1_000)).toEqual({ last: 7_919, sum: 3_682_913 })
  await sieve(channels)(100)
})

test('a calibrated run takes about as long as asked for', async () => {
  // A load whose time is known: it keeps the processor busy for a microsecond an item.
  const busy = async (n: number) => {
    const before = process.cpuUsage()
    for (let us = 0; us < n;) {
      const { user, system } = process.cpuUsage(before)
      us = user + system
    }
    return {}
  }
  const n = await calibrate(busy, 5)
  expect(n % 64).toBe(0)
  expect(n).toBeGreaterThan(500)
  expect(n).toBeLessThan(50_000)
})
