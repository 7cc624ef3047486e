import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import type { Channels } from '../primitives.ts'

export const TASKS = 8

/** Eight senders and eight receivers on one channel. */
export function mpmc<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const ch = channels.channel(0)
    const sums: number[] = []
    const send = async (task: number): Promise<void> => {
      for (let i = task; i < n; i += TASKS) await channels.send(ch, i)
    }
    const receive = async (task: number): Promise<void> => {
      // A sum for each task: a shared one would lose what the others add during the await.
      let sum = 0
      for (let i = task; i < n; i += TASKS) sum += channels.valueOf(await channels.receive(ch))
      sums.push(sum)
    }
    const tasks = Array.from({ length: TASKS }, (_, task) => [send(task), receive(task)])
    await Promise.all(tasks.flat())
    expectEqual(
      'sum',
      sums.reduce((a, b) => a + b),
      sumBelow(n),
    )
    return {}
  }
}
