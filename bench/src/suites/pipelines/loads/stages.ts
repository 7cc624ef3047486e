import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import { below } from './map.ts'

export const STAGES = 10

export function increment(item: number): number {
  return item + 1
}

/** The items through ten stages, each of which adds one. */
export function stages(sumOf: (items: Iterable<number>) => Promise<number>): Load {
  return async (n) => {
    expectEqual('sum', await sumOf(below(n)), sumBelow(n) + STAGES * n)
    return {}
  }
}

/** The same with the time per item, and with the largest heap while the items pass. */
export function stagesProbe(sumOf: (items: Iterable<number>) => Promise<number>): Load {
  return async (n) => {
    let most = 0
    const heap = (): number => {
      globalThis.gc!()
      return process.memoryUsage().heapUsed
    }
    const observed = function* (): Generator<number> {
      for (const item of below(n)) {
        if (item % Math.ceil(n / 4) === 1) most = Math.max(most, heap())
        yield item
      }
    }
    const before = heap()
    await sumOf(observed())
    const start = process.cpuUsage()
    await stages(sumOf)(n)
    const { user, system } = process.cpuUsage(start)
    return { nsPerItem: ((user + system) * 1_000) / n, heapKiB: Math.max(0, most - before) / 1_024 }
  }
}
