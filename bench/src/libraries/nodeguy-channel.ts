import module from '@nodeguy/channel'
import type { ReadWriteChannel } from '@nodeguy/channel'
import { type Library, no, withNote } from '../library.ts'
import { cancelLoads, mixedLoads, selectLoads, transferLoads } from '../suites/engine/loads/transfer.ts'
import type { Channels, MakeMixedSelector, MakeSelector } from '../suites/engine/primitives.ts'
import { probeLoads } from '../suites/engine/probes/probes.ts'

// Its types describe an ES module, but it is not one: Node's default import is the function itself.
const Channel = module as unknown as typeof module.default

type NumberChannel = ReadWriteChannel<number>

const channels: Channels<NumberChannel, number> = {
  channel: (capacity) => Channel<number>(capacity),
  send: (ch, value) => ch.push(value),
  receive: (ch) => ch.shift(),
  valueOf: (received) => received,
}

const selector: MakeSelector<NumberChannel> = (all) => ({
  wait: () => Channel.select(all.map((ch) => ch.shift())),
  valueOf: (selected) => (selected as NumberChannel).value(),
})

const mixed: MakeMixedSelector<NumberChannel> = (outgoing, incoming) => ({
  wait: (value) => Channel.select([outgoing.push(value), incoming.shift()]),
  valueOf: (selected) => (selected === incoming ? incoming.value() : undefined),
})

export const library: Library = {
  loads: {
    ...transferLoads(channels),
    ...no('has no iterator', 'iterate'),
    ...no('has no try', 'spsc-buffered-128-try'),
    ...selectLoads(channels, selector),
    ...mixedLoads(channels, mixed),
    ...withNote(
      'no cancel: a third, quiet channel stands in',
      cancelLoads(channels, (all) => selector([...all, Channel<number>(0)])),
    ),
    ...probeLoads({ channels, makeSelector: selector }),
  },
}
