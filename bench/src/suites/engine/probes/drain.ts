import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import type { Channels } from '../primitives.ts'
import { TimeLimit, cpuUs } from './clock.ts'

/** `n` senders wait on one channel; then one receiver takes all values. */
export function drain<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const ch = channels.channel(0)
    const sends: Promise<unknown>[] = []
    const limit = new TimeLimit()
    let sum = 0
    const block = (): void => {
      for (let i = 0; i < n; i++) {
        sends.push(channels.send(ch, i))
        limit.check('block', i, n)
      }
    }
    const blockUs = await cpuUs(block)
    const drainUs = await cpuUs(async () => {
      for (let i = 0; i < n; i++) {
        sum += channels.valueOf(await channels.receive(ch))
        limit.check('drain', i, n)
      }
      await Promise.all(sends)
    })
    expectEqual('sum', sum, sumBelow(n))
    return { blockMs: blockUs / 1_000, drainMs: drainUs / 1_000 }
  }
}
