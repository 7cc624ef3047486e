import {
  type Cancel,
  type Channel,
  type Context,
  type ReceiveChannel,
  type SelectCase,
  background,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
  withCancel,
} from 'chansel'
import type { Selectors } from './selectors.ts'
import type { Case, Operate } from './state.ts'

/** What cases refer to: the channels, contexts and timers of a program that runs. */
export interface Things {
  readonly channels: readonly Channel<unknown>[]
  readonly contexts: readonly Cancel[]
  readonly timers: readonly ReceiveChannel<number>[]
  /** What performs the selects, if they are prepared. */
  readonly selectors: Selectors | undefined
  valueOf(n: number): unknown
}

/** What a call returns if it did not happen. */
export const DEFAULT = Symbol('default')

/** Starts an operation that waits, in one of the equivalent ways, by its number. */
export function wait(things: Things, operation: Operate, cancel: Cancel): Promise<unknown> {
  const { op, cases } = operation
  const [first] = cases
  const way = op % 5
  if (things.selectors !== undefined && isPrepared(operation)) {
    return things.selectors.wait(operation, asArray(things, cases, op), cancel)
  }
  if (way === 1) return select(asObject(things, cases, op), cancel)
  if (cases.length !== 1 || way === 0) return select(asArray(things, cases, op), cancel)
  if (!('send' in first!)) {
    const from = source(things, first!)
    return way === 2 ? receiveOnly(from).receive(cancel) : from.receive(cancel)
  }
  if (first.send === null) return select([null], cancel)
  const to = things.channels[first.send]!
  const value = things.valueOf(first.value)
  return way === 2 ? sendOnly(to).send(value, cancel) : to.send(value, cancel)
}

/** The same without waiting. */
export function attempt(things: Things, operation: Operate): unknown {
  const { op, cases } = operation
  const [first] = cases
  const way = op % 4
  if (things.selectors !== undefined && isPrepared(operation)) {
    return things.selectors.attempt(operation, asArray(things, cases, op)) ?? DEFAULT
  }
  if (way === 1) return trySelect(asObject(things, cases, op)) ?? DEFAULT
  if (cases.length !== 1 || way === 0) return trySelect(asArray(things, cases, op)) ?? DEFAULT
  if (!('send' in first!)) return source(things, first!).tryReceive() ?? DEFAULT
  if (first.send === null) return DEFAULT
  return things.channels[first.send]!.trySend(things.valueOf(first.value)) ? undefined : DEFAULT
}

/** Most selects, and some plain operations; the others of a program meet them on the same channels. */
function isPrepared({ op, cases }: Operate): boolean {
  return cases.length === 1 ? op % 2 === 0 : op % 4 !== 3
}

/** Which case a result names: by its label if the cases had labels, by its index if not; -1 if it is neither. */
export function caseOf({ selectors }: Things, operation: Operate, label: number | string): number {
  const prepared = selectors?.caseOf(operation.op, label)
  if (prepared !== undefined) return prepared
  const isLabelled = operation.op % (operation.default ? 4 : 5) === 1
  if (isLabelled) return typeof label === 'string' ? Number(label.slice('case '.length)) : -1
  return typeof label === 'number' ? label : -1
}

/** A cancel of its own for an operation, now a context and now a foreign signal. */
export function cancelOf(op: number): { cancel: Cancel; fire(): void } {
  if (op % 2 === 0) {
    const ctx = withCancel(background())
    return { cancel: ctx, fire: () => ctx.cancel(op) }
  }
  const controller = new AbortController()
  return { cancel: controller, fire: () => controller.abort({ op }) }
}

function asArray(things: Things, cases: readonly Case[], op: number): SelectCase[] {
  return cases.map((given, i) => asCase(things, given, op + i))
}

function asObject(things: Things, cases: readonly Case[], op: number): { [label: string]: SelectCase } {
  return Object.fromEntries(cases.map((given, i) => [`case ${i}`, asCase(things, given, op + i)]))
}

function asCase(things: Things, given: Case, way: number): SelectCase {
  const nil = ([null, undefined, false, never] as const)[way % 4]
  if ('send' in given) {
    if (given.send === null) return nil
    const to = things.channels[given.send]!
    return sendCase(way % 3 === 0 ? sendOnly(to) : to, things.valueOf(given.value))
  }
  if ('receive' in given && given.receive === null) return nil
  const from = source(things, given)
  return way % 3 === 0 ? receiveOnly(from) : from
}

function source({ channels, contexts, timers }: Things, given: Case): ReceiveChannel<unknown> {
  if ('done' in given) return (contexts[given.done] as Context).done
  if ('timer' in given) return timers[given.timer]!
  const { receive } = given as { receive: number | null }
  return receive === null ? never : channels[receive]!
}
