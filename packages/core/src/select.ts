import type { ReceiveChannel, SendChannel } from './channel.ts'
import { describe } from './errors.ts'
import {
  CLOSED,
  type ReceiveEnd,
  SEND_CASE_END,
  type SendEnd,
  WOULD_WAIT,
  receiveEndOf,
  sendEndOf,
} from './internal/end.ts'
import { type Cancel, cancellationOf } from './internal/foreign.ts'
import { runtime } from './internal/runtime.ts'
import { Shape, Waiter, closedAs, receivedAs, sentAs } from './internal/waiter.ts'

/** A send as a case of a select. Plain data: can be made once, reused and shared. */
export interface SendCase<out T> {
  readonly value: T
  readonly [SEND_CASE_END]: unknown
}

/** A read channel alone is a receive; false, null and undefined are Go's nil channel: never ready. */
export type SelectCase = ReceiveChannel<unknown> | SendCase<unknown> | false | null | undefined

export type SelectCases = { readonly [label: string]: SelectCase } | readonly SelectCase[]

/** What one case of a select comes to: the union over all cases tells them apart by `case`. */
export type Selected<Cases extends SelectCases> = Cases extends readonly SelectCase[]
  ? { [I in keyof Cases]: SelectedCase<IndexOf<I>, Cases[I]> }[number]
  : { [L in keyof Cases]: SelectedCase<L extends number ? `${L}` : L, Cases[L]> }[keyof Cases]

type IndexOf<I> = I extends `${infer N extends number}` ? N : number

type SelectedCase<Label, Case> =
  Case extends SendCase<unknown>
    ? { readonly case: Label }
    : Case extends ReceiveChannel<infer T>
      ? SelectedReceive<Label, T>
      : never

type SelectedReceive<Label, T> =
  | ([T] extends [never] ? never : { readonly case: Label; readonly value: T; readonly ok: true })
  | { readonly case: Label; readonly value: undefined; readonly ok: false }

/**
 * A case of a select that sends `value` to `ch`.
 *
 * Source: Go spec, "Select statements".
 *
 * @throws TypeError for what cannot be sent to
 * @example
 * const outbox = channel<string>(1)
 * await select({ sent: sendCase(outbox, 'hello') }) // => { case: 'sent' }
 * outbox.tryReceive() // => { value: 'hello', ok: true }
 */
export function sendCase<T>(ch: SendChannel<T>, value: T): SendCase<T> {
  const end: SendEnd<T> | undefined = sendEndOf(ch)
  if (end === undefined) {
    throw new TypeError(`Cannot make a send case: expected a channel to send to, got ${describe(ch)}`)
  }
  end.check?.(value)
  return { value, [SEND_CASE_END]: end }
}

/**
 * Waits until one of the cases can happen and makes exactly that one happen. The others are untouched: they
 * take nothing, send nothing and leave nothing behind.
 *
 * An object of labelled cases gives `{ case, value, ok }` for a receive and `{ case }` for a send; an array
 * the same, with the index as `case`. No case, or only falsy ones: waits until cancelled. Rejects with the
 * error of the chosen case: `ClosedChannelError` of a send to a closed channel, the error of a failed channel.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and no case happened. A cancel that fired
 *   already wins over ready cases; a context's `done` as a case has no such priority.
 * Fairness: of the cases that are ready one is chosen at random, each as likely.
 * Source: Go spec, "Select statements".
 *
 * @throws TypeError for what is not a case, a promise in particular
 * @example
 * const inbox = channel<string>(1)
 * inbox.trySend('hello')
 * const event = await select({ message: inbox, late: after(1_000) })
 * if (event.case === 'message' && event.ok) {
 *   event.value // => 'hello'
 * }
 */
export function select<const Cases extends SelectCases>(
  cases: Cases,
  cancel?: Cancel,
): Promise<Selected<Cases>>
export function select(cases: SelectCases, cancel?: Cancel): Promise<unknown> {
  const list = readCases(cases)
  const cancellation = cancel === undefined ? null : cancellationOf(cancel)
  if (cancellation !== null) {
    const ended = cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
  }

  // Pass 1: look at all cases before touching any, and if some are ready make one of them happen. Looking and
  // queueing case by case instead would let a select that sends and receives on one channel meet itself.
  try {
    const outcome = performReady(list)
    if (outcome !== WOULD_WAIT) return runtime.succeeded(outcome)
  } catch (error) {
    return runtime.failed(error)
  }

  // Pass 2: wait in every queue, under the cancel. The first who comes fixes the outcome and takes the other
  // waiters out in the same step: there is no pass 3.
  const operation = Waiter.ofOperation(Shape.Selected)
  operation.cases = []
  for (const { label, receive, send, value } of list) {
    const waiter = Waiter.ofCase(operation, label, value)
    if (receive !== null) receive.parkReceiver(waiter)
    else send!.parkSender(waiter)
  }
  cancellation?.park(operation)
  return operation.promise!
}

/**
 * `select` without waiting, Go's `default`: `undefined` where no case is ready.
 *
 * Source: Go spec, "Select statements".
 *
 * @throws the error of the chosen case
 * @throws TypeError for what is not a case
 * @example
 * const inbox = channel<string>(1)
 * trySelect({ message: inbox }) // => undefined
 * inbox.trySend('hello')
 * trySelect({ message: inbox }) // => { case: 'message', value: 'hello', ok: true }
 */
export function trySelect<const Cases extends SelectCases>(cases: Cases): Selected<Cases> | undefined
export function trySelect(cases: SelectCases): unknown {
  const outcome = performReady(readCases(cases))
  return outcome === WOULD_WAIT ? undefined : outcome
}

/** A case as the passes use it: one of `receive` and `send` is there. */
interface ReadCase {
  readonly label: string | number
  readonly receive: ReceiveEnd<unknown> | null
  readonly send: SendEnd<unknown> | null
  readonly value: unknown
}

/** All the user's code that a select can run (getters of the object) runs here, before anything is touched. */
function readCases(cases: SelectCases): ReadCase[] {
  const list: ReadCase[] = []
  if (Array.isArray(cases)) {
    for (let i = 0; i < cases.length; i++) addCase(list, i, cases[i])
  } else if (isPlainObject(cases)) {
    for (const label of Object.keys(cases))
      addCase(list, label, (cases as { [label: string]: SelectCase })[label])
  } else {
    throw new TypeError(`Cannot select: expected an object or an array of cases, got ${describe(cases)}`)
  }
  return list
}

function addCase(list: ReadCase[], label: string | number, given: SelectCase): void {
  if (given === false || given === null || given === undefined) return
  if (isSendCase(given)) {
    list.push({ label, receive: null, send: given[SEND_CASE_END] as SendEnd<unknown>, value: given.value })
    return
  }
  const receive = receiveEndOf(given)
  if (receive === undefined) throw new TypeError(`Cannot select case ${describe(label)}: ${whyNoCase(given)}`)
  list.push({ label, receive, send: null, value: undefined })
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown }).then === 'function'
}

function isSendCase(given: SelectCase): given is SendCase<unknown> {
  return typeof given === 'object' && given !== null && SEND_CASE_END in given
}

function whyNoCase(given: unknown): string {
  if (sendEndOf(given) !== undefined) return 'a send needs sendCase(channel, value)'
  if (isThenable(given)) {
    return 'a promise is not a case; send its value to a channel'
  }
  return `expected a channel of this package, a sendCase or a falsy value, got ${describe(given)}`
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (receiveEndOf(value) !== undefined || sendEndOf(value) !== undefined) return false
  return !(SEND_CASE_END in value) && !(Symbol.iterator in value) && !isThenable(value)
}

/** Makes one of the ready cases happen, each as likely; `WOULD_WAIT` if none is ready. */
function performReady(list: ReadCase[]): unknown {
  for (;;) {
    const ready = list.filter(isReady)
    if (ready.length === 0) return WOULD_WAIT
    const outcome = perform(ready[ready.length === 1 ? 0 : runtime.pick(ready.length)]!)
    // A look at a context notices that its deadline has passed, and waits end with it: with them, perhaps, what
    // made another case ready before. Nothing has happened then; that context's own case is ready at the next look.
    if (outcome !== WOULD_WAIT) return outcome
  }
}

function isReady({ receive, send }: ReadCase): boolean {
  return receive !== null ? receive.canReceive() : send!.canSend()
}

function perform({ label, receive, send, value }: ReadCase): unknown {
  if (receive === null) return send!.put(value) ? sentAs(Shape.Selected, label) : WOULD_WAIT
  const taken = receive.take()
  if (taken === WOULD_WAIT) return WOULD_WAIT
  return taken === CLOSED ? closedAs(Shape.Selected, label) : receivedAs(Shape.Selected, label, taken)
}
