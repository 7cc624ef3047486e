import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import type { Channels } from '../primitives.ts'

export const SEQ_CAPACITY = 64

/** One task fills a buffer and drains it, over and over: nobody ever waits. An item is a send and a receive. */
export function seq<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const ch = channels.channel(SEQ_CAPACITY)
    let sum = 0
    for (let i = 0; i < n; i += SEQ_CAPACITY) {
      for (let j = 0; j < SEQ_CAPACITY; j++) await channels.send(ch, i + j)
      for (let j = 0; j < SEQ_CAPACITY; j++) sum += channels.valueOf(await channels.receive(ch))
    }
    expectEqual('sum', sum, sumBelow(n))
    return {}
  }
}
