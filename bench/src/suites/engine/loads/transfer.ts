import type { Entry } from '../../../library.ts'
import type { Channels, MakeMixedSelector, MakeSelector } from '../primitives.ts'
import { mpmc } from './mpmc.ts'
import { pingPong, pingPongOf } from './ping-pong.ts'
import { inBothPhases, selectMixed, selectReceive } from './select.ts'
import { seq } from './seq.ts'
import { sieve } from './sieve.ts'
import { spsc } from './spsc.ts'

/** Every load that needs only sends and receives. */
export function transferLoads<C, R>(channels: Channels<C, R>): { readonly [load: string]: Entry } {
  return {
    seq: { run: seq(channels) },
    'spsc-unbuffered': { run: spsc(channels, 0) },
    'spsc-buffered-128': { run: spsc(channels, 128) },
    'mpmc-8x8-unbuffered': { run: mpmc(channels) },
    'ping-pong': { run: pingPong(pingPongOf(channels)) },
    sieve: { run: sieve(channels) },
  }
}

export const COUNTS = [2, 8, 64] as const

/** Selects over 2, 8 and 64 receives. `kind` tells several of one library apart: `select`, `prepared-select`. */
export function selectLoads<C, R>(
  channels: Channels<C, R>,
  makeSelector: MakeSelector<C>,
  kind = 'select',
): { readonly [load: string]: Entry } {
  return Object.assign(
    {},
    ...COUNTS.map((count) =>
      inBothPhases(`${kind}-receive-${count}`, (phase) =>
        selectReceive(channels, makeSelector, count, phase),
      ),
    ),
  ) as { [load: string]: Entry }
}

export function mixedLoads<C, R>(
  channels: Channels<C, R>,
  makeSelector: MakeMixedSelector<C>,
  kind = 'select',
): { readonly [load: string]: Entry } {
  return inBothPhases(`${kind}-mixed`, (phase) => selectMixed(channels, makeSelector, phase))
}

/** A select over two receives that something else could end. */
export function cancelLoads<C, R>(
  channels: Channels<C, R>,
  makeSelector: MakeSelector<C>,
  kind = 'select',
): { readonly [load: string]: Entry } {
  return inBothPhases(`${kind}-cancel`, (phase) => selectReceive(channels, makeSelector, 2, phase))
}
