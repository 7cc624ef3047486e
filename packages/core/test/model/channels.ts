/**
 * What channels and select may do. Whoever waits longest is served first, plain operations and selects in one
 * line; of several ready cases any may happen; where a waiting select is served, any of its cases that fit may
 * be the one.
 */

import { look, receivedDone } from './contexts.ts'
import {
  type Case,
  type ChannelState,
  type Completion,
  type Operate,
  type Operation,
  type Outcome,
  type State,
  endWait,
  fitting,
  andThen,
  outcome,
} from './state.ts'
import { fire, isDue } from './timers.ts'

export function operate(state: State, command: Operate): Outcome[] {
  const { op, under } = command
  if (command.canceled) return [outcome(state, { op, error: 'canceled' })]
  if (under === undefined) return begin(state, command)
  return andThen(look(state, under), (looked) =>
    looked.contexts[under]!.ended === undefined
      ? begin(looked, command)
      : [outcome(looked, { op, error: 'canceled' })],
  )
}

/** A select looks at all its cases first: a look at a context may end what made another case ready. */
function begin(state: State, command: Operate): Outcome[] {
  const { op, cases, under } = command
  const looks = cases.flatMap((given) => ('done' in given ? [given.done] : []))
  return looks
    .reduce((outcomes, index) => andThen(outcomes, (looked) => look(looked, index)), [outcome(state)])
    .flatMap(({ state: looked, completed: before }) => {
      const ready = [...cases.keys()].filter((i) => isReady(looked, cases[i]!))
      const happened = ready.flatMap((i) => happen(looked, command, i))
      if (command.default) {
        // A call that does not wait returns its own outcome; the others are told later.
        const own = ({ op: other }: Completion) => other === op
        if (happened.length === 0) return [{ state: looked, completed: before, said: { op, default: true } }]
        return happened.map(({ state: left, completed }) => ({
          state: left,
          completed: [...before, ...completed.filter((completion) => !own(completion))],
          said: completed.find(own),
        }))
      }
      if (happened.length === 0) {
        return [outcome({ ...looked, waiting: [...looked.waiting, { op, cases, under }] }, ...before)]
      }
      return happened.map(({ state: left, completed }) => outcome(left, ...before, ...completed))
    })
}

export function isReady(state: State, given: Case): boolean {
  if ('done' in given) return state.contexts[given.done]!.ended !== undefined
  if ('timer' in given) return isDue(state, given.timer)
  const channel = state.channels[channelOf(given)!]
  if (channel === undefined) return false
  if (channel.isClosed || longest(state, given) !== undefined) return true
  if ('receive' in given) return channel.buffer.length > 0
  return channel.buffer.length < channel.capacity || channel.overflow !== 'wait'
}

/** What case `i` does in an operation that does not wait. Partners are told first. */
function happen(state: State, operation: Operation, i: number): Outcome[] {
  const { op, cases } = operation
  const given = cases[i]!
  if ('done' in given) return [outcome(state, receivedDone(operation, i))]
  if ('timer' in given) {
    const { at, left } = fire(state, given.timer)
    return [outcome(left, { op, case: i, ok: true, at })]
  }
  const index = channelOf(given)!
  const channel = state.channels[index]!
  if ('send' in given) {
    const { value } = given
    if (channel.isClosed) return [outcome(state, { op, case: i, error: 'closed', value })]
    const met = meet(state, given, (partner, j) => taken(partner.op, j, value))
    return then(met ?? [outcome(accept(state, index, value))], { op, case: i })
  }
  const [first, ...rest] = channel.buffer
  const met = meet(state, given, (partner, j) => ({ op: partner.op, case: j }))
  if (first === undefined) {
    if (met === undefined) return [outcome(state, ended(op, i, channel.error))]
    const offered = (j: number) => valueOf(longest(state, given)!.cases[j]!)
    return met.flatMap((served) => then([served], taken(op, i, offered(served.completed[0]!.case!))))
  }
  const left = { ...channel, buffer: rest }
  if (met === undefined) return [outcome(replace(state, index, left), taken(op, i, first))]
  // The place that came free is taken in the same step.
  return met.map(({ state: served, completed }) => {
    const value = valueOf(longest(state, given)!.cases[completed[0]!.case!]!)
    return outcome(
      replace(served, index, { ...left, buffer: [...rest, value] }),
      ...completed,
      taken(op, i, first),
    )
  })
}

function then(outcomes: readonly Outcome[], completion: Completion): Outcome[] {
  return outcomes.map(({ state, completed }) => outcome(state, ...completed, completion))
}

/** Serves the longest-waiting partner of a case, through any of its cases that fit. */
function meet(
  state: State,
  given: Case,
  end: (partner: Operation, partnerCase: number) => Completion,
): Outcome[] | undefined {
  const partner = longest(state, given)
  return partner && endWait(state, partner, partnerCases(partner, given), (j) => end(partner, j))
}

export function longest(state: State, given: Case): Operation | undefined {
  return state.waiting.find((operation) => partnerCases(operation, given).length > 0)
}

export function partnerCases(operation: Operation, given: Case): number[] {
  return 'send' in given ? receiving(operation, given.send!) : sending(operation, channelOf(given)!)
}

function receiving(operation: Operation, index: number): number[] {
  return fitting(operation, (given) => 'receive' in given && given.receive === index)
}

function sending(operation: Operation, index: number): number[] {
  return fitting(operation, (given) => 'send' in given && given.send === index)
}

/** Its own cancel reaches an operation. */
export function cancel(state: State, op: number): Outcome[] {
  const operation = state.waiting.find((waiting) => waiting.op === op)
  if (operation === undefined || operation.under !== undefined || operation.isFunc) return [outcome(state)]
  return endWait(state, operation, [0], () => ({ op, error: 'canceled' }))
}

/** Receivers end first, then senders fail: a select that waits on both sides ends. */
export function close(state: State, index: number, error: number | undefined): Outcome[] {
  const channel = state.channels[index]!
  if (channel.isClosed) return [{ ...outcome(state), said: 'threw' }]
  let outcomes = [outcome(replace(state, index, { ...channel, isClosed: true, error }))]
  for (const operation of state.waiting) {
    const cases = receiving(operation, index)
    if (cases.length === 0) continue
    outcomes = andThen(outcomes, (left) =>
      endWait(left, operation, cases, (j) => ended(operation.op, j, error)),
    )
  }
  for (const operation of state.waiting) {
    const cases = sending(operation, index)
    if (cases.length === 0 || receiving(operation, index).length > 0) continue
    const failed = (j: number): Completion => {
      return { op: operation.op, case: j, error: 'closed', value: valueOf(operation.cases[j]!) }
    }
    outcomes = andThen(outcomes, (left) => endWait(left, operation, cases, failed))
  }
  return outcomes
}

function taken(op: number, i: number, value: number): Completion {
  return { op, case: i, ok: true, value }
}

function ended(op: number, i: number, error: number | undefined): Completion {
  return error === undefined ? { op, case: i, ok: false } : { op, case: i, error: 'failed', value: error }
}

/** A value that no receiver waits for enters the buffer, or the overflow policy drops one. */
function accept(state: State, index: number, value: number): State {
  const channel = state.channels[index]!
  const { buffer, capacity, overflow, dropped } = channel
  if (buffer.length < capacity) return replace(state, index, { ...channel, buffer: [...buffer, value] })
  const kept = overflow === 'drop-oldest' ? [...buffer.slice(1), value] : buffer
  return replace(state, index, { ...channel, buffer: kept, dropped: dropped + 1 })
}

function replace(state: State, index: number, channel: ChannelState): State {
  return { ...state, channels: state.channels.with(index, channel) }
}

function channelOf(given: Case): number | null {
  return (given as { receive?: number | null }).receive ?? (given as { send?: number | null }).send ?? null
}

function valueOf(given: Case): number {
  return (given as { value: number }).value
}
