/**
 * What timers and the clock may do. A timer has its value from the moment on at which it is due: whoever asks
 * gets it, whether the host delivered its timer or not. Only one who waits already is told by the host, and
 * what is due while somebody waits is theirs. A ticker keeps its phase, and keeps one tick.
 */

import { expire, isWaitedOn } from './contexts.ts'
import {
  type ContextState,
  type Operation,
  type Outcome,
  type State,
  type TimerState,
  endWait,
  fitting,
  andThen,
  outcome,
} from './state.ts'

export function makeTimer(state: State, kind: TimerState['kind'], ms: number): Outcome[] {
  const made = {
    kind,
    at: state.now + Math.max(0, ms),
    period: kind === 'ticker' ? ms : 0,
    sequence: state.sequence,
    isPending: true,
  }
  return [outcome({ ...state, sequence: state.sequence + 1, timers: [...state.timers, made] })]
}

/** Nobody stops what `after` returned. A timer says whether it had something left to give. */
export function stopTimer(state: State, index: number): Outcome[] {
  const timer = state.timers[index]!
  if (timer.kind === 'after') return [outcome(state)]
  const stopped = { ...timer, at: Infinity, isPending: false }
  return [{ ...outcome(replace(state, index, stopped)), said: wasPending(timer) }]
}

export function resetTimer(state: State, index: number, ms: number): Outcome[] {
  const timer = state.timers[index]!
  if (timer.kind === 'after') return [outcome(state)]
  const period = timer.kind === 'ticker' ? ms : 0
  const at = state.now + Math.max(0, ms)
  const started = { ...timer, at, period, sequence: state.sequence, isPending: true }
  const next = replace({ ...state, sequence: state.sequence + 1 }, index, started)
  return serve(next, index).map((served) => ({ ...served, said: wasPending(timer) }))
}

function wasPending({ kind, isPending }: TimerState): boolean | undefined {
  return kind === 'timer' ? isPending : undefined
}

/** Whether a receive that begins now would get a value. */
export function isDue(state: State, index: number): boolean {
  return state.timers[index]!.at <= state.now && longestOn(state, index) === undefined
}

/** The moment that is due, and the timer on its way to the next. */
export function fire(state: State, index: number): { at: number; left: State } {
  const timer = state.timers[index]!
  const { at, period } = timer
  const next = period === 0 ? Infinity : at + period * (Math.floor((state.now - at) / period) + 1)
  return { at: Math.ceil(at), left: replace(state, index, { ...timer, at: next, isPending: period > 0 }) }
}

/** Gives what is due to whoever has waited longest. */
function serve(state: State, index: number): Outcome[] {
  const operation = longestOn(state, index)
  if (operation === undefined || state.timers[index]!.at > state.now) return [outcome(state)]
  const { at, left } = fire(state, index)
  const { op } = operation
  const cases = casesOn(operation, index)
  return andThen(
    endWait(left, operation, cases, (i) => ({ op, case: i, ok: true, at })),
    (served) => serve(served, index),
  )
}

/**
 * Time passes, and the host delivers what becomes due: first what is due first, and what was set first of what is
 * due together. Where nobody waits for a deadline it may as well not be delivered.
 */
export function pass(state: State, until: number): Outcome[] {
  const due = alarms(state)
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at || a.sequence - b.sequence)
  const [first] = due
  if (first === undefined) return [outcome({ ...state, now: until })]
  const next = first.isIdle ? due.find(({ at, isIdle }) => at === first.at && !isIdle) : undefined
  // The host counts whole milliseconds.
  const then = { ...state, now: Math.max(state.now, Math.ceil(first.at)) }
  const rung = next === undefined ? first.ring(then) : [...first.ring(then), ...next.ring(then)]
  return andThen(rung, (left) => pass(left, until))
}

interface Alarm {
  readonly at: number
  readonly sequence: number
  readonly isIdle: boolean
  ring(state: State): Outcome[]
}

function alarms(state: State): Alarm[] {
  const ofTimers = state.timers.flatMap(({ at, sequence }, index) =>
    longestOn(state, index)
      ? [{ at, sequence, isIdle: false, ring: (then: State) => serve(then, index) }]
      : [],
  )
  const ofContexts = state.contexts.flatMap(({ deadline, ended }, owner) =>
    deadline?.owner === owner && ended === undefined
      ? [{ ...deadline, isIdle: !isAwaited(state, owner), ring: (then: State) => expire(then, owner) }]
      : [],
  )
  return [...ofTimers, ...ofContexts]
}

/** Whether somebody waits for the deadline of a context. */
function isAwaited(state: State, owner: number): boolean {
  return state.contexts.some(
    ({ deadline, ended, node }, index) =>
      node === index && deadline?.owner === owner && ended === undefined && isWaitedOn(state, node),
  )
}

/** Whether somebody waits for a moment that will come: the process stays alive for it. */
export function holdsProcess(state: State): boolean {
  return isTimerAwaited(state) || state.contexts.some((_, owner) => isAwaited(state, owner))
}

/** Whether there is anything for which a host timer may be needed. */
export function mayHaveHostTimer(state: State): boolean {
  const isLive = ({ deadline, ended }: ContextState, i: number) =>
    deadline?.owner === i && ended === undefined
  return isTimerAwaited(state) || state.contexts.some(isLive)
}

function isTimerAwaited(state: State): boolean {
  return state.timers.some(({ at }, index) => at !== Infinity && longestOn(state, index) !== undefined)
}

function longestOn(state: State, index: number): Operation | undefined {
  return state.waiting.find((operation) => casesOn(operation, index).length > 0)
}

function casesOn(operation: Operation, index: number): number[] {
  return fitting(operation, (given) => 'timer' in given && given.timer === index)
}

function replace(state: State, index: number, timer: TimerState): State {
  return { ...state, timers: state.timers.with(index, timer) }
}
