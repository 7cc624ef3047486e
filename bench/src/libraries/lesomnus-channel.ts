import lesomnus from '@lesomnus/channel'
import type { Chan } from '@lesomnus/channel'
import { type Library, no, withNote } from '../library.ts'
import { iterate } from '../suites/engine/loads/spsc.ts'
import { cancelLoads, mixedLoads, selectLoads, transferLoads } from '../suites/engine/loads/transfer.ts'
import type { Channels, Iterating, MakeMixedSelector, MakeSelector } from '../suites/engine/primitives.ts'
import { probeLoads } from '../suites/engine/probes/probes.ts'

type NumberChan = Chan<number>

const channels: Channels<NumberChan, number> & Iterating<NumberChan> = {
  channel: (capacity) => new lesomnus.Chan<number>(capacity),
  send: (ch, value) => ch.send(value),
  receive: (ch) => ch.recv(),
  valueOf: (received) => received,
  close: (ch) => ch.close(),
  iterate: (ch) => ch,
}

const selector: MakeSelector<NumberChan> = (all) => {
  let value = NaN
  const keep = (_: boolean, received: number | null): void => {
    value = received!
  }
  return {
    wait: () => lesomnus.select(all.map((ch) => lesomnus.recv(ch, keep))),
    valueOf: () => value,
  }
}

const mixed: MakeMixedSelector<NumberChan> = (outgoing, incoming) => {
  let value: number | undefined
  const keep = (_: boolean, received: number | null): void => {
    value = received!
  }
  return {
    wait: (sent) => {
      value = undefined
      return lesomnus.select([lesomnus.send(outgoing, sent), lesomnus.recv(incoming, keep)])
    },
    valueOf: () => value,
  }
}

export const library: Library = {
  loads: {
    ...transferLoads(channels),
    iterate: { run: iterate(channels) },
    ...no('has no try', 'spsc-buffered-128-try'),
    ...selectLoads(channels, selector),
    ...mixedLoads(channels, mixed),
    ...withNote(
      'no cancel: a third, quiet channel stands in',
      cancelLoads(channels, (all) => selector([...all, new lesomnus.Chan<number>(0)])),
    ),
    ...probeLoads({ channels, makeSelector: selector }),
  },
}
