/**
 * What channels, select, close and cancel may do: a sequential model of one page. It is nondeterministic where
 * the Go specification is: `step` gives every legal outcome of a command. Values are numbers that stand for
 * values.
 *
 * The rules: whoever waits longest is served first, plain operations and selects in one line; of several ready
 * cases any may happen; where a waiting select is served, any of its cases that fit may be the one.
 */

/** A channel by its index; `null` is the nil channel. */
export type Case =
  | { readonly receive: number | null }
  | { readonly send: number | null; readonly value: number }

export type Command =
  | {
      readonly op: number
      readonly cases: readonly Case[]
      readonly default?: boolean
      readonly canceled?: boolean
    }
  | { readonly cancel: number }
  | { readonly close: number; readonly error?: number }

/** How an operation ended. With `error: 'failed'` the value is the error of `close(error)`. */
export interface Completion {
  readonly op: number
  readonly case?: number
  readonly ok?: boolean
  readonly value?: number
  readonly default?: boolean
  readonly error?: 'closed' | 'canceled' | 'failed'
}

interface ChannelState {
  readonly capacity: number
  readonly buffer: readonly number[]
  readonly isClosed: boolean
  readonly error?: number | undefined
}

interface Operation {
  readonly op: number
  readonly cases: readonly Case[]
}

export interface State {
  readonly channels: readonly ChannelState[]
  /** Longest first. */
  readonly waiting: readonly Operation[]
}

export interface Outcome {
  readonly state: State
  readonly completed: readonly Completion[]
  /** The close of a closed channel. */
  readonly threw: boolean
}

export function initial(capacities: readonly number[]): State {
  const channels = capacities.map((capacity) => ({ capacity, buffer: [], isClosed: false }))
  return { channels, waiting: [] }
}

/** Every legal outcome of `command`. */
export function step(state: State, command: Command): Outcome[] {
  if ('cancel' in command) return cancel(state, command.cancel)
  if ('close' in command) return close(state, command.close, command.error)
  const { op, cases } = command
  if (command.canceled) return [outcome(state, { op, error: 'canceled' })]
  const ready = [...cases.keys()].filter((i) => isReady(state, cases[i]!))
  const outcomes = ready.flatMap((i) => happen(state, command, i))
  if (outcomes.length > 0) return outcomes
  if (command.default) return [outcome(state, { op, default: true })]
  return [outcome({ ...state, waiting: [...state.waiting, { op, cases }] })]
}

function outcome(state: State, ...completed: Completion[]): Outcome {
  return { state, completed, threw: false }
}

function isReady(state: State, given: Case): boolean {
  const channel = state.channels[channelOf(given)!]
  if (channel === undefined) return false
  if (channel.isClosed || longest(state, given) !== undefined) return true
  return 'receive' in given ? channel.buffer.length > 0 : channel.buffer.length < channel.capacity
}

/** What case `i` of an operation does that does not wait. */
function happen(state: State, { op, cases }: Operation, i: number): Outcome[] {
  const given = cases[i]!
  const index = channelOf(given)!
  const channel = state.channels[index]!
  if (!('receive' in given)) {
    if (channel.isClosed) return [outcome(state, { op, case: i, error: 'closed', value: given.value })]
    const sent: Completion = { op, case: i }
    if (longest(state, given) === undefined) return [outcome(push(state, index, given.value), sent)]
    return meet(state, given, (left, partner, j) => outcome(left, sent, taken(partner.op, j, given.value)))
  }
  if (channel.buffer.length > 0) {
    const [first, ...rest] = channel.buffer
    const received = taken(op, i, first!)
    const left = replace(state, index, { ...channel, buffer: rest })
    if (longest(state, given) === undefined) return [outcome(left, received)]
    return meet(left, given, (met, partner, j) =>
      outcome(push(met, index, valueOf(partner.cases[j]!)), received, { op: partner.op, case: j }),
    )
  }
  if (longest(state, given) === undefined) return [outcome(state, ended(op, i, channel.error))]
  return meet(state, given, (left, partner, j) =>
    outcome(left, taken(op, i, valueOf(partner.cases[j]!)), { op: partner.op, case: j }),
  )
}

/** Serves the longest-waiting partner of a case, through any of its cases that fit. */
function meet(
  state: State,
  given: Case,
  serve: (left: State, partner: Operation, partnerCase: number) => Outcome,
): Outcome[] {
  const partner = longest(state, given)!
  const left = { ...state, waiting: state.waiting.filter((operation) => operation !== partner) }
  return fitting(partner, channelOf(given)!, !('receive' in given)).map((j) => serve(left, partner, j))
}

function longest(state: State, given: Case): Operation | undefined {
  const receives = !('receive' in given)
  return state.waiting.find((operation) => fitting(operation, channelOf(given)!, receives).length > 0)
}

/** The cases of an operation that receive from, or send to, a channel. */
function fitting({ cases }: Operation, index: number, receives: boolean): number[] {
  return [...cases.keys()].filter(
    (j) => channelOf(cases[j]!) === index && 'receive' in cases[j]! === receives,
  )
}

function cancel(state: State, op: number): Outcome[] {
  const waiting = state.waiting.filter((operation) => operation.op !== op)
  if (waiting.length === state.waiting.length) return [outcome(state)]
  return [outcome({ ...state, waiting }, { op, error: 'canceled' })]
}

/** Receivers end first, then senders fail: a select that waits on both sides ends. */
function close(state: State, index: number, error: number | undefined): Outcome[] {
  const channel = state.channels[index]!
  if (channel.isClosed) return [{ state, completed: [], threw: true }]
  let outcomes = [outcome(replace(state, index, { ...channel, isClosed: true, error }))]
  for (const operation of state.waiting) {
    const { op, cases } = operation
    const receives = fitting(operation, index, true).map((j) => ended(op, j, error))
    const sends = fitting(operation, index, false).map((j): Completion => ({
      op,
      case: j,
      error: 'closed',
      value: valueOf(cases[j]!),
    }))
    const ends = receives.length > 0 ? receives : sends
    if (ends.length === 0) continue
    outcomes = outcomes.flatMap(({ state: before, completed }) =>
      ends.map((end) =>
        outcome(
          { ...before, waiting: before.waiting.filter((other) => other !== operation) },
          ...completed,
          end,
        ),
      ),
    )
  }
  return outcomes
}

function taken(op: number, i: number, value: number): Completion {
  return { op, case: i, ok: true, value }
}

function ended(op: number, i: number, error: number | undefined): Completion {
  return error === undefined ? { op, case: i, ok: false } : { op, case: i, error: 'failed', value: error }
}

function push(state: State, index: number, value: number): State {
  const channel = state.channels[index]!
  return replace(state, index, { ...channel, buffer: [...channel.buffer, value] })
}

function replace(state: State, index: number, channel: ChannelState): State {
  return { ...state, channels: state.channels.with(index, channel) }
}

function channelOf(given: Case): number | null {
  return 'receive' in given ? given.receive : given.send
}

function valueOf(given: Case): number {
  return (given as { value: number }).value
}
