import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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

/** Bytes in use after a collection. */
export async function heapBytes(): Promise<number> {
  await settle()
  collectGarbage()
  await settle()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
