import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import type { Cancelling, Channels, Iterating, Trying } from '../primitives.ts'

/** One sender, one receiver. */
export function spsc<C, R>(channels: Channels<C, R>, capacity: number): Load {
  return async (n) => {
    const ch = channels.channel(capacity)
    const send = async (): Promise<void> => {
      for (let i = 0; i < n; i++) await channels.send(ch, i)
    }
    const receive = async (): Promise<void> => {
      let sum = 0
      for (let i = 0; i < n; i++) sum += channels.valueOf(await channels.receive(ch))
      expectEqual('sum', sum, sumBelow(n))
    }
    await Promise.all([send(), receive()])
    return {}
  }
}

/** The same, but each side first tries, and awaits only if it would have to wait. */
export function spscTrying<C, R>(channels: Channels<C, R> & Trying<C>, capacity: number): Load {
  return async (n) => {
    const ch = channels.channel(capacity)
    const send = async (): Promise<void> => {
      for (let i = 0; i < n; i++) if (!channels.trySend(ch, i)) await channels.send(ch, i)
    }
    const receive = async (): Promise<void> => {
      let sum = 0
      for (let i = 0; i < n; i++) {
        sum += channels.tryReceive(ch) ?? channels.valueOf(await channels.receive(ch))
      }
      expectEqual('sum', sum, sumBelow(n))
    }
    await Promise.all([send(), receive()])
    return {}
  }
}

/** The same with one source of cancellation, which stays quiet, in each send and receive. */
export function spscUnder<C, R, K>(channels: Channels<C, R> & Cancelling<C, R, K>): Load {
  return async (n) => {
    const ch = channels.channel(0)
    const source = channels.source()
    const send = async (): Promise<void> => {
      for (let i = 0; i < n; i++) await channels.sendUnder(ch, i, source)
    }
    const receive = async (): Promise<void> => {
      let sum = 0
      for (let i = 0; i < n; i++) sum += channels.valueOf(await channels.receiveUnder(ch, source))
      expectEqual('sum', sum, sumBelow(n))
    }
    await Promise.all([send(), receive()])
    return {}
  }
}

/** The receiver is a `for await`, ended by a close. */
export function iterate<C, R>(channels: Channels<C, R> & Iterating<C>): Load {
  return async (n) => {
    const ch = channels.channel(0)
    const send = async (): Promise<void> => {
      for (let i = 0; i < n; i++) await channels.send(ch, i)
      await channels.close(ch)
    }
    const receive = async (): Promise<void> => {
      let sum = 0
      for await (const value of channels.iterate(ch)) sum += value
      expectEqual('sum', sum, sumBelow(n))
    }
    await Promise.all([send(), receive()])
    return {}
  }
}
