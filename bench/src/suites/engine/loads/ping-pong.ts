import { type Load, expectEqual } from '../../../library.ts'
import type { Channels } from '../primitives.ts'

/** Two tasks hand a number back and forth while `goesOn`; returns the number of round trips. */
export type PingPong = (goesOn: (roundTrips: number) => boolean) => Promise<number>

const OVER = -1

export function pingPongOf<C, R>(channels: Channels<C, R>): PingPong {
  return async (goesOn) => {
    const there = channels.channel(0)
    const back = channels.channel(0)
    const echo = async (): Promise<void> => {
      for (;;) {
        const value = channels.valueOf(await channels.receive(there))
        if (value === OVER) return
        await channels.send(back, value)
      }
    }
    const echoing = echo()
    let roundTrips = 0
    while (goesOn(roundTrips)) {
      await channels.send(there, roundTrips)
      expectEqual('echo', channels.valueOf(await channels.receive(back)), roundTrips)
      roundTrips++
    }
    await channels.send(there, OVER)
    await echoing
    return roundTrips
  }
}

/** An item is a round trip: two hand-overs. */
export function pingPong(run: PingPong): Load {
  return async (n) => {
    expectEqual('round trips', await run((roundTrips) => roundTrips < n), n)
    return {}
  }
}
