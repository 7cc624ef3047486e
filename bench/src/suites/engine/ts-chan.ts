import { Chan, Select, recv, send } from 'ts-chan'
import type { Library } from '../../library.ts'
import { iterate, spscTrying, spscUnder } from './loads/spsc.ts'
import { cancelLoads, mixedLoads, selectLoads, transferLoads } from './loads/transfer.ts'
import type {
  Cancelling,
  Channels,
  Iterating,
  MakeMixedSelector,
  MakeSelector,
  Trying,
} from './primitives.ts'
import { probeLoads } from './probes/probes.ts'

type NumberChan = Chan<number>
type Outcome = IteratorResult<number, number | undefined>

/** The library as it comes, or in its `unsafe` mode, without its yield to the event loop in each operation. */
export function tsChan(isUnsafe: boolean): Library {
  const channels: Channels<NumberChan, Outcome> &
    Trying<NumberChan> &
    Iterating<NumberChan> &
    Cancelling<NumberChan, Outcome, AbortController> = {
    channel: (capacity) => new Chan<number>(capacity).setUnsafe(isUnsafe),
    send: (ch, value) => ch.send(value),
    receive: (ch) => ch.recv(),
    valueOf: (received) => received.value!,
    trySend: (ch, value) => ch.trySend(value),
    tryReceive: (ch) => ch.tryRecv()?.value,
    close: (ch) => ch.close(),
    iterate: (ch) => ch,
    source: () => new AbortController(),
    cancel: (controller) => controller.abort(),
    sendUnder: (ch, value, controller) => ch.send(value, controller.signal),
    receiveUnder: (ch, controller) => ch.recv(controller.signal),
  }

  const oneShot = (signal?: AbortSignal): MakeSelector<NumberChan> => {
    return (all) => {
      let select = new Select<any[]>([])
      return {
        wait: () => {
          select = new Select(all.map((ch) => recv(ch))).setUnsafe(isUnsafe)
          return select.wait(signal)
        },
        valueOf: (index) => select.recv(select.cases[index as number]!).value as number,
      }
    }
  }

  /** One object for all rounds: its own way to prepare a select. */
  const prepared = (signal?: AbortSignal): MakeSelector<NumberChan> => {
    return (all) => {
      const select = new Select(all.map((ch) => recv(ch))).setUnsafe(isUnsafe)
      return {
        wait: () => select.wait(signal),
        valueOf: (index) => select.recv(select.cases[index as number]!).value as number,
      }
    }
  }

  const mixedPrepared: MakeMixedSelector<NumberChan> = (outgoing, incoming) => {
    let next = 0
    const sending = send(outgoing, () => next)
    const receiving = recv(incoming)
    const select = new Select([sending, receiving]).setUnsafe(isUnsafe)
    return {
      wait: (value) => {
        next = value
        return select.wait()
      },
      valueOf: (index) => (index === 0 ? undefined : (select.recv(select.cases[1]).value as number)),
    }
  }

  const mixed: MakeMixedSelector<NumberChan> = (outgoing, incoming) => {
    const select = (value: number) =>
      new Select([send(outgoing, () => value), recv(incoming)]).setUnsafe(isUnsafe)
    let current = select(0)
    return {
      wait: (value) => {
        current = select(value)
        return current.wait()
      },
      valueOf: (index) => (index === 0 ? undefined : (current.recv(current.cases[1]).value as number)),
    }
  }

  const quiet = new AbortController().signal
  return {
    loads: {
      ...transferLoads(channels),
      'spsc-buffered-128-try': { run: spscTrying(channels, 128) },
      'spsc-unbuffered-context': { run: spscUnder(channels), note: 'an AbortSignal' },
      iterate: { run: iterate(channels) },
      ...selectLoads(channels, oneShot()),
      ...selectLoads(channels, prepared(), 'prepared-select'),
      ...mixedLoads(channels, mixed),
      ...mixedLoads(channels, mixedPrepared, 'prepared-select'),
      ...cancelLoads(channels, oneShot(quiet)),
      ...cancelLoads(channels, prepared(quiet), 'prepared-select'),
      ...probeLoads({ channels, makeSelector: oneShot(), signal: channels }),
    },
  }
}
