import { type Load, expectEqual } from '../../../library.ts'
import type { Channels, MakeSelector } from '../primitives.ts'
import { TimeLimit, turn } from './clock.ts'

/** The bytes of each of `n` channels that nobody uses. */
export function idleChannel<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const kept = Array.from<C | null>({ length: n }).fill(null)
    const before = await heapBytes()
    for (let i = 0; i < n; i++) kept[i] = channels.channel(0)
    const after = await heapBytes()
    expectEqual('channels kept', kept.filter((ch) => ch !== null).length, n)
    return { bytes: (after - before) / n }
  }
}

/** The bytes of each of `n` receives that wait on one channel; the caller of each keeps its promise. */
export function blockedReceive<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const ch = channels.channel(0)
    const kept = Array.from<Promise<R> | null>({ length: n }).fill(null)
    const before = await heapBytes()
    for (let i = 0; i < n; i++) kept[i] = channels.receive(ch)
    const after = await heapBytes()
    // This proves that they were waiting, for these values.
    for (let i = 0; i < n; i++) await channels.send(ch, i)
    expectEqual('last value', channels.valueOf((await kept[n - 1])!), n - 1)
    return { bytes: (after - before) / n }
  }
}

/** How much the heap grows with each select that has a quiet channel among its cases. */
export function quietLoser<C, R>(channels: Channels<C, R>, makeSelector: MakeSelector<C>): Load {
  return async (n) => {
    const busy = channels.channel(0)
    const quiet = channels.channel(0)
    const selector = makeSelector([busy, quiet])
    const limit = new TimeLimit()
    let selects = 0
    const selectMany = async (count: number): Promise<void> => {
      for (let i = 0; i < count && !limit.isOver(i); i++) {
        const selecting = selector.wait()
        const sending = channels.send(busy, i)
        expectEqual('selected', selector.valueOf(await selecting), i)
        await sending
        selects++
      }
    }
    await selectMany(1_000)
    selects = 0
    const before = await heapBytes()
    await selectMany(n)
    const after = await heapBytes()
    // The quiet channel lives to the end, with whatever the selects left on it.
    expectEqual('quiet', quiet === busy ? 1 : 0, 0)
    return { selects, bytes: (after - before) / selects }
  }
}

/** The bytes that are alive. Collects twice, with a turn between, in which finalisers run. */
async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!()
    await turn()
  }
  return process.memoryUsage().heapUsed
}
