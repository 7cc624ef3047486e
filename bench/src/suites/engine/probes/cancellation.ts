import { type Load, expectEqual } from '../../../library.ts'
import type { Cancelling, Channels } from '../primitives.ts'
import { shuffled } from '../random.ts'
import { TimeLimit, cpuUs, until } from './clock.ts'

/** In which order the waits of a list end. */
const ORDERS: { readonly [order: string]: (n: number) => number[] } = {
  fifo: (n) => Array.from({ length: n }, (_, i) => i),
  lifo: (n) => Array.from({ length: n }, (_, i) => n - 1 - i),
  random: shuffled,
}
/** The number of waiters in a run that only warms up. */
const WARM_UP = 3_000

interface Times {
  [figure: string]: number
}

/** `n` receives on one channel, each under a source of its own, which are cancelled one by one. */
export function waitersOfChannel<C, R, K>(channels: Channels<C, R>, sources: Cancelling<C, R, K>): Load {
  return warmed(async (n) => {
    const times: Times = {}
    for (const [order, of] of Object.entries(ORDERS)) {
      const ch = channels.channel(0)
      const all = Array.from({ length: n }, () => sources.source())
      const waits = new Waits(n)
      times[`${order}RegisterUs`] = await waits.register((i) => sources.receiveUnder(ch, all[i]!))
      times[`${order}EndUs`] = await waits.end(of(n), (i) => sources.cancel(all[i]!))
      waits.expectCancelled(n)
    }
    return times
  })
}

/** `n` receives, each on a channel of its own, under one source: released one by one, then cancelled at once. */
export function waitersOfSource<C, R, K>(channels: Channels<C, R>, sources: Cancelling<C, R, K>): Load {
  return warmed(async (n) => {
    const times: Times = {}
    const source = sources.source()
    const all = Array.from({ length: n }, () => channels.channel(0))
    const register = (i: number): Promise<R> => sources.receiveUnder(all[i]!, source)
    for (const [order, of] of Object.entries(ORDERS)) {
      const waits = new Waits(n)
      times[`${order}RegisterUs`] = await waits.register(register)
      times[`${order}EndUs`] = await waits.end(of(n), (i) => void channels.send(all[i]!, i))
      waits.expectCancelled(0)
    }
    const waits = new Waits(n)
    await waits.register(register)
    times['atOnceEndUs'] = await waits.end([0], () => sources.cancel(source))
    waits.expectCancelled(n)
    return times
  })
}

function warmed(load: (n: number) => Promise<Times>): Load {
  return async (n) => {
    for (let i = 0; i < 3; i++) await load(WARM_UP)
    return load(n)
  }
}

/** `n` receives and what became of them. Times are CPU microseconds for each. */
class Waits {
  readonly #n: number
  readonly #limit = new TimeLimit()
  #received = 0
  #cancelled = 0

  constructor(n: number) {
    this.#n = n
  }

  async register(receive: (i: number) => Promise<unknown>): Promise<number> {
    const received = (): void => void this.#received++
    const cancelled = (): void => void this.#cancelled++
    const us = await cpuUs(() => {
      for (let i = 0; i < this.#n; i++) {
        receive(i).then(received, cancelled)
        this.#limit.check('register', i, this.#n)
      }
    })
    return us / this.#n
  }

  /** Ends all, and waits until all callers know. */
  async end(order: readonly number[], end: (i: number) => void): Promise<number> {
    const us = await cpuUs(async () => {
      for (const [step, i] of order.entries()) {
        end(i)
        this.#limit.check('end', step, order.length)
      }
      await until(() => this.#received + this.#cancelled === this.#n)
    })
    return us / this.#n
  }

  expectCancelled(count: number): void {
    expectEqual('cancelled', this.#cancelled, count)
  }
}
