/** What can be seen after each command, told by the model and told by the library. */

import { getEventListeners } from 'node:events'
import { type Context, isCanceled, isDeadlineExceeded } from 'chansel'
import { isListenedTo, isQuiet } from './contexts.ts'
import type { Library } from './library.ts'
import type { Completion, Outcome, State } from './state.ts'
import { holdsProcess } from './timers.ts'
import type { Values } from './values.ts'
import { clock } from './world.ts'

/**
 * The contexts that may be read without a trace: to read one is to look at it. Signals come last, for a context
 * that nobody waits for leaves its signal when it is looked at, not when its deadline passes.
 */
export function quietContexts(state: State): number[] {
  const isSignal = (i: number) => Number(state.contexts[i]!.kind === 'signal')
  return [...state.contexts.keys()].filter((i) => isQuiet(state, i)).sort((a, b) => isSignal(a) - isSignal(b))
}

export function observationOf(state: State, quiet: readonly number[], values: Values): string {
  const lengths = state.channels.map(({ buffer, dropped }) => `${buffer.length}-${dropped}`)
  const read = quiet.map((i) => contextText(state, i, values))
  return `${lengths.join(' ')} | ${read.join(', ')}${holdsProcess(state) ? ' | holds' : ''}`
}

function contextText(state: State, index: number, values: Values): string {
  const { kind, ended, deadline } = state.contexts[index]!
  if (kind === 'signal') return `${index} ${isListenedTo(state, index) ? 'heard' : 'unheard'}`
  if (ended === undefined) return `${index} live ${deadline?.at}`
  const by = state.contexts.findIndex((other) => other.kind !== 'signal' && other.ended?.by === ended.by)
  const cause = ended.cause === undefined ? 'err' : `#${values.numberOf(values.valueOf(ended.cause))}`
  return `${index} ${ended.error} like ${by}, ${cause} ${deadline?.at}`
}

/** @param mayHaveTimer whether anything is there that a timer of the host may be for */
export function observe(library: Library, quiet: readonly number[], mayHaveTimer: boolean): string {
  const lengths = library.channels.map(({ length, dropped }) => `${length}-${dropped}`)
  const errors = new Map<unknown, number>()
  const read = quiet.map((i) => readContext(library, i, errors))
  const { timers } = clock
  if (timers.length > (mayHaveTimer ? 1 : 0)) return `${timers.length} host timers`
  const holds = timers.some((timer) => timer.holds)
  return `${lengths.join(' ')} | ${read.join(', ')}${holds ? ' | holds' : ''}`
}

/** @param errors the errors of contexts read so far, and whose they were first */
function readContext(library: Library, index: number, errors: Map<unknown, number>): string {
  const given = library.contexts[index]!
  if (given instanceof AbortController) {
    // One of them belongs to somebody else.
    const listeners = getEventListeners(given.signal, 'abort').length - 1
    return `${index} ${listeners === 0 ? 'unheard' : listeners === 1 ? 'heard' : `heard by ${listeners}`}`
  }
  const { err, cause, deadline } = given as Context
  const at = deadline === undefined ? undefined : deadline - library.began
  if (err === undefined) return `${index} live ${at}${cause === undefined ? '' : ' with a cause'}`
  if (!errors.has(err)) errors.set(err, index)
  const kind = isDeadlineExceeded(err) ? 'deadline' : isCanceled(err) ? 'canceled' : 'neither'
  const isOwn = cause === err
  // The error carries the cause that is not itself.
  if (isOwn ? err.cause !== undefined : !Object.is(err.cause, cause))
    return `${index} has another cause in err`
  const shown = isOwn ? 'err' : `#${library.values.numberOf(cause)}`
  return `${index} ${kind} like ${errors.get(err)}, ${shown} ${at}`
}

/** Once everybody is told: whether the signals that were made from contexts agree with them. */
export function signalsOf({ contexts }: State, { followed }: Library): string {
  return [...followed.keys()]
    .map((i) => `${i} ${contexts[i]!.ended === undefined ? 'live' : 'aborted'}`)
    .join(', ')
}

export function readSignals({ followed, contexts }: Library): string {
  const read = ([i, { aborted, reason }]: [number, AbortSignal]) => {
    if (!aborted) return `${i} live`
    return `${i} ${reason === (contexts[i] as Context).err ? 'aborted' : 'aborted for another reason'}`
  }
  return [...followed].map(read).join(', ')
}

/** A failure shows its value, not its case. */
export function completionText(completion: Completion, numberOf: (n: number) => number): string {
  const { op, case: index, ok, value, at, default: isDefault, error, ran } = completion
  if (isDefault) return `${op}: default`
  if (ran) return `${op}: ran`
  const shown = value !== undefined ? ` #${numberOf(value)}` : at !== undefined ? ` at ${at}` : ''
  return error === undefined ? `${op}: case ${index} ${ok ?? 'sent'}${shown}` : `${op}: ${error}${shown}`
}

export function saidText(said: Outcome['said'], numberOf: (n: number) => number): string {
  return typeof said === 'object' ? completionText(said, numberOf) : String(said)
}
