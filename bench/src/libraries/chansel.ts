import {
  type Cancel,
  type Channel,
  type Received,
  background,
  channel,
  select,
  sendCase,
  withCancel,
} from 'chansel'
import { selector } from 'chansel/selector'
import type { Library } from '../library.ts'
import { iterate, spscTrying, spscUnder } from '../suites/engine/loads/spsc.ts'
import { inBothPhases, selectReceive } from '../suites/engine/loads/select.ts'
import { cancelLoads, mixedLoads, selectLoads, transferLoads } from '../suites/engine/loads/transfer.ts'
import type {
  Cancelling,
  Channels,
  Iterating,
  MakeMixedSelector,
  MakeSelector,
  Trying,
} from '../suites/engine/primitives.ts'
import { probeLoads } from '../suites/engine/probes/probes.ts'

type NumberChannel = Channel<number>
type Outcome = Received<number>

export const channels: Channels<NumberChannel, Outcome> &
  Trying<NumberChannel> &
  Iterating<NumberChannel> &
  Cancelling<NumberChannel, Outcome, ReturnType<typeof withCancel>> = {
  channel: (capacity) => channel<number>(capacity),
  send: (ch, value) => ch.send(value),
  receive: (ch) => ch.receive(),
  valueOf: (received) => received.value!,
  trySend: (ch, value) => ch.trySend(value),
  tryReceive: (ch) => ch.tryReceive()?.value,
  close: (ch) => ch.close(),
  iterate: (ch) => ch,
  source: () => withCancel(background()),
  cancel: (context) => context.cancel(),
  sendUnder: (ch, value, context) => ch.send(value, context),
  receiveUnder: (ch, context) => ch.receive(context),
}

/** The platform's own way to cancel, as a source. */
const signals: Cancelling<NumberChannel, Outcome, AbortController> = {
  source: () => new AbortController(),
  cancel: (controller) => controller.abort(),
  sendUnder: (ch, value, controller) => ch.send(value, controller),
  receiveUnder: (ch, controller) => ch.receive(controller),
}

/** The channels themselves are the cases. */
const listed = (cancel?: Cancel): MakeSelector<NumberChannel> => {
  return (all) => ({
    wait: () => select(all, cancel),
    valueOf: (selected) => (selected as Outcome).value!,
  })
}

/** The same, prepared once. */
const prepared = (cancel?: Cancel): MakeSelector<NumberChannel> => {
  return (all) => {
    const selects = selector(all)
    return {
      wait: () => selects.select(cancel),
      valueOf: (selected) => (selected as Outcome).value!,
    }
  }
}

/** As in the documentation: an object with labels, written where the select is. */
const labelled: MakeSelector<NumberChannel> = ([a, b]) => ({
  wait: () => select({ a: a!, b: b! }),
  valueOf: (selected) => (selected as Outcome).value!,
})

const mixed: MakeMixedSelector<NumberChannel> = (outgoing, incoming) => ({
  wait: (value) => select({ sent: sendCase(outgoing, value), received: incoming }),
  valueOf: (selected) => (selected as Partial<Outcome>).value,
})

const preparedMixed: MakeMixedSelector<NumberChannel> = (outgoing, incoming) => {
  const selects = selector({ sent: sendCase(outgoing, 0), received: incoming })
  return {
    wait: (value) => {
      selects.set('sent', sendCase(outgoing, value))
      return selects.select()
    },
    valueOf: (selected) => (selected as Partial<Outcome>).value,
  }
}

export const library: Library = {
  loads: {
    ...transferLoads(channels),
    'spsc-buffered-128-try': { run: spscTrying(channels, 128) },
    'spsc-unbuffered-context': { run: spscUnder(channels) },
    iterate: { run: iterate(channels) },
    ...selectLoads(channels, listed()),
    ...inBothPhases('select-labelled-2', (phase) => selectReceive(channels, labelled, 2, phase)),
    ...selectLoads(channels, prepared(), 'prepared-select'),
    ...mixedLoads(channels, mixed),
    ...mixedLoads(channels, preparedMixed, 'prepared-select'),
    ...cancelLoads(channels, (all) => listed(withCancel(background()))(all)),
    ...cancelLoads(channels, (all) => prepared(withCancel(background()))(all), 'prepared-select'),
    ...probeLoads({ channels, makeSelector: listed(), context: channels, signal: signals }),
  },
}
