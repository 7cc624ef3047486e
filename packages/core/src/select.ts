import { BufferedChannel, type ReceiveChannel, type SendChannel } from './channel.ts'
import { describe } from './errors.ts'
import { type CaseList, Choice } from './internal/choice.ts'
import { SEND_CASE_END, type SendEnd, WOULD_WAIT, receiveEndOf, sendEndOf } from './internal/end.ts'
import type { Cancellation } from './internal/cancellation.ts'
import { type Cancel, cancellationOf } from './internal/foreign.ts'
import { takenAs } from './internal/operation.ts'
import { runtime } from './internal/runtime.ts'

/** A send as a case of a select. Plain data: can be made once, reused and shared. */
export interface SendCase<out T> {
  /** What it sends. */
  readonly value: T
  readonly [SEND_CASE_END]: unknown
}

/**
 * A case of a select. A read channel alone is a receive; false, null and undefined are Go's nil channel: never ready.
 */
export type SelectCase = ReceiveChannel<unknown> | SendCase<unknown> | false | null | undefined

/** The cases of a select, by label or in an array. */
export type SelectCases = { readonly [label: string]: SelectCase } | readonly SelectCase[]

/** What `Cases` has to be: each of its properties a case. An interface has no index signature, and passes. */
export type CasesOf<Cases> = SelectCases | (object & { readonly [Label in keyof Cases]: SelectCase })

/** What a select comes to: a union over its cases, told apart by `case`. */
export type Selected<Cases extends CasesOf<Cases>> = Cases extends readonly SelectCase[]
  ? { [I in keyof Cases]-?: SelectedCase<IndexOf<I>, Cases[I]> }[number]
  : { [L in keyof Cases]-?: SelectedCase<L extends number ? `${L}` : L, Cases[L]> }[keyof Cases]

export type IndexOf<I> = I extends `${infer N extends number}` ? N : number

type SelectedCase<Label, Case> =
  Case extends SendCase<unknown>
    ? { readonly case: Label }
    : Case extends ReceiveChannel<infer T>
      ?
          | ([T] extends [never] ? never : { readonly case: Label; readonly value: T; readonly ok: true })
          | { readonly case: Label; readonly value: undefined; readonly ok: false }
      : never

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
export function sendCase<T>(ch: SendChannel<T>, value: NoInfer<T>): SendCase<T>
/** A case of a select that sends to `ch`, where the send is all that there is to say: Go's `struct{}{}`. */
export function sendCase(ch: SendChannel<void>): SendCase<void>
export function sendCase<T>(ch: SendChannel<T>, value?: any): SendCase<T> {
  const end: SendEnd<T> | undefined = sendEndOf(ch)
  if (end === undefined) {
    throw new TypeError(`Cannot make a send case: expected a channel to send to, got ${describe(ch)}`)
  }
  const converted = end.convert === undefined ? value : (end.convert(value) as T)
  end.check?.(converted)
  return { value: converted, [SEND_CASE_END]: end }
}

/**
 * Waits until one of the cases can happen and makes exactly that one happen. The others are untouched: they
 * take nothing, send nothing and leave nothing behind.
 *
 * An object of labelled cases gives `{ case, value, ok }` for a receive and `{ case }` for a send; an array
 * the same, with the index as `case`. No case, or only falsy ones: waits until cancelled. Rejects with the
 * error of the chosen case: `ClosedChannelError` of a send to a closed channel, the error of a failed channel.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and no case happened. A cancel that has
 *   already fired wins over ready cases; a context's `done` as a case has no such priority.
 * Fairness: one of the cases that are ready is chosen at random, all equally likely.
 * Source: Go spec, "Select statements".
 *
 * @throws TypeError for what is not a case, such as a promise
 * @example
 * const inbox = channel<string>(1)
 * inbox.trySend('hello')
 * const event = await select({ message: inbox, late: after(1_000) })
 * if (event.case === 'message' && event.ok) {
 *   event.value // => 'hello'
 * }
 */
export function select<const Cases extends CasesOf<Cases>>(
  cases: Cases,
  cancel?: Cancel,
): Promise<Selected<Cases>>
export function select(cases: SelectCases, cancel?: Cancel): Promise<unknown> {
  const cancellation = cancel === undefined ? null : cancellationOf(cancel)
  if (looksFirst && Array.isArray(cases)) {
    // A copy, so that each element is read only once: to read it may run the user's code (of a getter, of a proxy).
    cases = [...(cases as readonly SelectCase[])]
    const received = receiveReady(cases, cancellation)
    if (received !== null) return received
  }
  const choice = readCases(cases)
  const ended = cancellation?.poll()
  if (ended) {
    choice.release()
    return runtime.failed(ended.reason)
  }
  try {
    const outcome = choice.perform()
    looksFirst = outcome !== WOULD_WAIT
    if (outcome === WOULD_WAIT) return choice.wait(cancellation)
    choice.release()
    return runtime.succeeded(outcome)
  } catch (error) {
    choice.release()
    return runtime.failed(error)
  }
}

/** Whether the last select found a case ready. In a program whose selects wait, a first look is wasted. */
let looksFirst = true
/** Scratch space of `receiveReady`: the indexes of the cases that one look found ready. */
const ready: number[] = []

/**
 * A first look at the cases of an array, before a `Choice` is made of them, which takes as long again: receives from a
 * case that is ready. `null` if none is, or if one of them is not a channel of ours.
 */
function receiveReady(
  cases: readonly SelectCase[],
  cancellation: Cancellation | null,
): Promise<unknown> | null {
  let found = 0
  for (let i = 0; i < cases.length; i++) {
    const given = cases[i]
    if (!(given instanceof BufferedChannel)) return null
    if (given.canReceive()) ready[found++] = i
  }
  if (found === 0 || cancellation?.poll()) return null
  const i = ready[found === 1 ? 0 : runtime.pick(found)]!
  try {
    const outcome = takenAs(i, (cases[i] as BufferedChannel<unknown>).take())
    return outcome === WOULD_WAIT ? null : runtime.succeeded(outcome)
  } catch (error) {
    return runtime.failed(error)
  }
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
export function trySelect<const Cases extends CasesOf<Cases>>(cases: Cases): Selected<Cases> | undefined
export function trySelect(cases: SelectCases): unknown {
  const choice = readCases(cases)
  try {
    const outcome = choice.perform()
    if (outcome !== WOULD_WAIT) return outcome
    choice.ask()
    return undefined
  } finally {
    choice.release()
  }
}

/** A choice of the cases. All user code that a select can run (getters of `cases`) runs here, before all else. */
function readCases(cases: SelectCases): Choice {
  const choice = Choice.take()
  if (Array.isArray(cases)) choice.addAll(cases as readonly SelectCase[], BufferedChannel, addCase)
  else addLabelled(choice, cases as { readonly [label: string]: SelectCase })
  return choice
}

export function addLabelled(list: CaseList, cases: { readonly [label: string]: SelectCase }): void {
  if (typeof cases !== 'object' || cases === null || SEND_CASE_END in cases) throw notCases(cases)
  let isEmpty = true
  // `for in` takes a seventh of the time of `Object.keys`.
  for (const label in cases) {
    if (!Object.prototype.hasOwnProperty.call(cases, label)) continue
    isEmpty = false
    addCase(list, cases, label, cases[label])
  }
  if (isEmpty && !isPlainObject(cases)) throw notCases(cases)
}

export function addCase(list: CaseList, cases: SelectCases, label: string | number, given: SelectCase): void {
  if (given instanceof BufferedChannel) {
    list.add(label, given)
  } else if (given === false || given === null || given === undefined) {
    list.add(label, null)
  } else if (isSendCase(given)) {
    list.add(label, given[SEND_CASE_END] as SendEnd<unknown>, given)
  } else {
    const end = receiveEndOf(given)
    if (end === undefined) throw notCase(cases, label, given)
    list.add(label, end)
  }
}

function notCase(cases: SelectCases, label: string | number, given: unknown): TypeError {
  if (!Array.isArray(cases) && !isPlainObject(cases)) return notCases(cases)
  return new TypeError(`Cannot select case ${describe(label)}: ${whyNoCase(given)}`)
}

function notCases(cases: unknown): TypeError {
  const given =
    receiveEndOf(cases) !== undefined || isSendCase(cases as SelectCase) ? 'one case' : describe(cases)
  return new TypeError(`Cannot select: expected an object or an array of cases, got ${given}`)
}

function isSendCase(given: SelectCase): given is SendCase<unknown> {
  return typeof given === 'object' && given !== null && SEND_CASE_END in given
}

function whyNoCase(given: unknown): string {
  if (sendEndOf(given) !== undefined) return 'a send needs sendCase(channel, value)'
  if (typeof (given as { then?: unknown }).then === 'function') {
    return 'a promise is not a case; send its value to a channel'
  }
  return `expected a channel, a sendCase, false, null or undefined, got ${describe(given)}`
}

/** Whether it is a plain object, of any realm. A select over a context, say, which has no cases, would wait for ever. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
