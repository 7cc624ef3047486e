import { type Entry, type Load, expectEqual, sumBelow } from '../../library.ts'
import { turn } from '../engine/probes/clock.ts'

/** How a library locks. */
export interface Lock<H> {
  acquire(): Promise<H>
  release(held: H): void
}

/** How a library maps over the numbers below `n`, `CONCURRENCY` at a time: `work` adds up what it gets. */
export type MapNumbers = (n: number, work: (i: number) => Promise<void>) => Promise<unknown>

export const TASKS = 8
export const PERMITS = 8
export const CONCURRENCY = 8
const DONE = Promise.resolve()

/** Tasks take turns at a lock, each over an `await`: an item is a hand-over. */
function turns<H>(tasks: number, permits: number, make: () => Lock<H>): Load {
  return async (n) => {
    const lock = make()
    let holding = 0
    let most = 0
    let turnsTaken = 0
    const task = async (from: number): Promise<void> => {
      for (let i = from; i < n; i += tasks) {
        const held = await lock.acquire()
        most = Math.max(most, ++holding)
        await DONE
        holding--
        turnsTaken++
        lock.release(held)
      }
    }
    await Promise.all(Array.from({ length: tasks }, (_, i) => task(i)))
    expectEqual('turns', turnsTaken, n)
    expectEqual('holders', Math.max(most, permits), permits)
    return {}
  }
}

export function mutexLoads<H>(make: () => Lock<H>): { readonly [load: string]: Entry } {
  return { mutex: { run: turns(TASKS, 1, make) }, 'memory-lock': { run: waitingBytes(make) } }
}

export function semaphoreLoads<H>(make: () => Lock<H>): { readonly [load: string]: Entry } {
  return { semaphore: { run: turns(PERMITS * 4, PERMITS, make) } }
}

export function mapLoads(map: MapNumbers, note?: string): { readonly [load: string]: Entry } {
  let running = 0
  let most = 0
  let sum = 0
  const work = async (i: number): Promise<void> => {
    most = Math.max(most, ++running)
    await DONE
    running--
    sum += i
  }
  const run: Load = async (n) => {
    most = sum = 0
    await map(n, work)
    expectEqual('sum', sum, sumBelow(n))
    expectEqual('at once', Math.max(most, CONCURRENCY), CONCURRENCY)
    return {}
  }
  const entry = note === undefined ? { run } : { run, note }
  return { map: entry, 'map-million': entry }
}

/** The bytes of each of `n` waits for one lock; the caller of each keeps its promise. */
function waitingBytes<H>(make: () => Lock<H>): Load {
  return async (n) => {
    const lock = make()
    const first = await lock.acquire()
    const kept = Array.from<Promise<H> | null>({ length: n }).fill(null)
    const before = await heapBytes()
    for (let i = 0; i < n; i++) kept[i] = lock.acquire()
    const after = await heapBytes()
    lock.release(first)
    for (const waiting of kept) lock.release(await waiting!)
    return { bytes: (after - before) / n }
  }
}

async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!()
    await turn()
  }
  return process.memoryUsage().heapUsed
}
