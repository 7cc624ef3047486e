import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import { settle } from './pending.ts'

export const collectGarbage: () => void = collector()

function collector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(isSynchronous: true): void } }
  if (Bun !== undefined) return () => Bun.gc(true)
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Whether nothing keeps the target of `ref` alive. */
export async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) {
    // A WeakRef holds its target until the end of the turn in which it was made or read.
    await settle()
    collectGarbage()
    await settle()
    if (ref.deref() === undefined) return true
  }
  return false
}

const RUNS = 12

/**
 * Expects that a run leaves less than `mostBytes` on the heap, in the mean of several. The first compiles the code and
 * grows what is shared, and is not counted; on a busy machine later ones do so, too, but a leak is in all of them. (Not
 * one run alone: a list grows by leaps, and between two of them not at all.)
 */
export async function expectFlatHeap(run: () => unknown, mostBytes: number): Promise<void> {
  await run()
  const before = await heapBytes()
  const means: number[] = []
  while (means.length < RUNS && (means.length === 0 || means.at(-1)! >= mostBytes)) {
    await run()
    means.push(((await heapBytes()) - before) / (means.length + 1))
  }
  expect(means.at(-1), `bytes of a run, after each: ${means.map(Math.round).join(', ')}`).toBeLessThan(
    mostBytes,
  )
}

/** Bytes in use after a collection. */
async function heapBytes(): Promise<number> {
  await settle()
  collectGarbage()
  await settle()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
