import type { Entry } from '../../../library.ts'
import { pingPongOf } from '../loads/ping-pong.ts'
import type { Cancelling, Channels, MakeSelector } from '../primitives.ts'
import { waitersOfChannel, waitersOfSource } from './cancellation.ts'
import { drain } from './drain.ts'
import { blockedReceive, idleChannel, quietLoser } from './memory.ts'
import { starvation } from './starvation.ts'

interface Probed<C, R> {
  readonly channels: Channels<C, R>
  readonly makeSelector?: MakeSelector<C>
  /** What can end a wait, if anything can. */
  readonly context?: Cancelling<C, R, any>
  readonly signal?: Cancelling<C, R, any>
}

/** The measurements that are figures by themselves and not times of items. */
export function probeLoads<C, R>(probed: Probed<C, R>): { readonly [load: string]: Entry } {
  const { channels, makeSelector, context, signal } = probed
  const loads: { [load: string]: Entry } = {
    starvation: { run: starvation(pingPongOf(channels)) },
    'memory-idle': { run: idleChannel(channels) },
    'memory-blocked': { run: blockedReceive(channels) },
    drain: { run: drain(channels) },
  }
  if (makeSelector) loads['memory-select'] = { run: quietLoser(channels, makeSelector) }
  if (context) loads['cancel-context'] = { run: waitersOfSource(channels, context) }
  if (signal) loads['cancel-signal'] = { run: waitersOfSource(channels, signal) }
  const own = context ?? signal
  if (own) loads['cancel-channel'] = { run: waitersOfChannel(channels, own) }
  return loads
}
