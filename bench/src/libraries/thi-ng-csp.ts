import { type Channel, channel, select } from '@thi.ng/csp'
import { type Library, no, withNote } from '../library.ts'
import { iterate, spscTrying } from '../suites/engine/loads/spsc.ts'
import { cancelLoads, selectLoads, transferLoads } from '../suites/engine/loads/transfer.ts'
import type { Channels, Iterating, MakeSelector, Trying } from '../suites/engine/primitives.ts'
import { probeLoads } from '../suites/engine/probes/probes.ts'

type NumberChannel = Channel<number>

const channels: Channels<NumberChannel, number | undefined> &
  Trying<NumberChannel> &
  Iterating<NumberChannel> = {
  // It refuses a capacity of 0. A write resolves on delivery, so a place for one value acts as unbuffered.
  channel: (capacity) => channel<number>(Math.max(1, capacity)),
  send: (ch, value) => ch.write(value),
  receive: (ch) => ch.read(),
  valueOf: (received) => received!,
  trySend: (ch, value) => ch.offer(value),
  tryReceive: (ch) => ch.poll(),
  close: (ch) => ch.close(),
  iterate: (ch) => ch,
}

const selector: MakeSelector<NumberChannel> = (all) => {
  const [first, ...rest] = all as [NumberChannel, ...NumberChannel[]]
  return {
    wait: () => select(first, ...rest),
    valueOf: (selected) => (selected as [number, NumberChannel])[0],
  }
}

export const library: Library = {
  loads: {
    ...transferLoads(channels),
    'spsc-buffered-128-try': { run: spscTrying(channels, 128) },
    iterate: { run: iterate(channels) },
    ...no('waits only to be read: fill and drain in one task would wait for ever', 'seq'),
    ...selectLoads(channels, selector),
    ...withNote(
      'no cancel: a third, quiet channel stands in',
      cancelLoads(channels, (all) => selector([...all, channel<number>()])),
    ),
    ...no('select reads only', 'select-mixed-ready', 'select-mixed-parked'),
    ...probeLoads({ channels, makeSelector: selector }),
  },
}
