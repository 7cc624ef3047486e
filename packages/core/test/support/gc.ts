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

const ATTEMPTS = 12

/**
 * Expects that the heap grows by less than `mostBytes` over one of several runs. The first ones compile the code and
 * grow what is shared, and on a busy machine so do later ones: a leak is in all of them.
 */
export async function expectFlatHeap(run: () => unknown, mostBytes: number): Promise<void> {
  const growths: number[] = []
  while (growths.length < ATTEMPTS && !growths.some((bytes) => bytes < mostBytes)) {
    const before = await heapBytes()
    await run()
    growths.push((await heapBytes()) - before)
  }
  expect(Math.min(...growths), `bytes after each run: ${growths.join(', ')}`).toBeLessThan(mostBytes)
}

/** Bytes in use after a collection. */
async function heapBytes(): Promise<number> {
  await settle()
  collectGarbage()
  await settle()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
