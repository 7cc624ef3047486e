/**
 * The words of the model: what a program can say, and where it stands. Values are numbers that stand for
 * values, moments are milliseconds since the program began.
 */

/** Channels, contexts and timers by their indexes; `null` is the nil channel. */
export type Case =
  | { readonly receive: number | null }
  | { readonly send: number | null; readonly value: number }
  | { readonly done: number }
  | { readonly timer: number }

/** One case without `default` is a plain send or receive, several are a select. */
export interface Operate {
  readonly op: number
  readonly cases: readonly Case[]
  readonly default?: boolean
  /** Its own cancel, which `{ cancel }` fires, fired before it began. */
  readonly canceled?: boolean
  /** The context or signal that it is given instead of a cancel of its own. */
  readonly under?: number
}

/** A new context; with `signal`, the AbortSignal of somebody else. Without a parent it is under the background. */
export interface MakeContext {
  readonly context: 'cancel' | 'timeout' | 'deadline' | 'value' | 'detached' | 'signal'
  readonly parent: number | null
  /** From now on, for `timeout` and `deadline`, with the cause that they end with. */
  readonly ms?: number
  readonly cause?: number
}

export type Command =
  | Operate
  | { readonly cancel: number }
  | { readonly close: number; readonly error?: number }
  | MakeContext
  /** `cancel(cause)` of a context, `abort(cause)` of a signal. */
  | { readonly end: number; readonly cause?: number }
  /** Reads what a context says. */
  | { readonly look: number }
  /** Reads the signal of a context, which is made by that. */
  | { readonly follow: number }
  /** `afterFunc`: an operation that cannot be cancelled but stopped. */
  | { readonly op: number; readonly func: number }
  | { readonly stopFunc: number }
  | { readonly clock: 'after' | 'timer' | 'ticker'; readonly ms: number }
  | { readonly stop: number }
  | { readonly reset: number; readonly ms: number }
  /** Time passes while the program computes: no host timer is delivered. */
  | { readonly busy: number }
  /** Time passes, and host timers are delivered in time. */
  | { readonly pass: number }

/** How an operation ended. With `error: 'failed'` the value is the error of `close(error)`. */
export interface Completion {
  readonly op: number
  readonly case?: number
  readonly ok?: boolean
  readonly value?: number
  /** The moment that a timer gave. */
  readonly at?: number
  readonly default?: boolean
  readonly error?: 'closed' | 'canceled' | 'failed'
  /** The function of `afterFunc` ran. */
  readonly ran?: true
}

export interface ChannelKind {
  readonly capacity: number
  readonly overflow: 'wait' | 'drop-oldest' | 'drop-newest'
}

export interface ChannelState extends ChannelKind {
  readonly buffer: readonly number[]
  readonly dropped: number
  readonly isClosed: boolean
  readonly error?: number | undefined
}

/** What a context reports once it has ended, and everything below it that had not ended before. */
export interface Ended {
  /** Whose error it is. */
  readonly by: number
  readonly error: 'canceled' | 'deadline'
  /** `undefined`: the error itself. */
  readonly cause: number | undefined
}

export interface ContextState {
  readonly kind: MakeContext['context']
  /** The context that it is one with: itself, but for a context that has only a value of its own. */
  readonly node: number
  readonly parent: number | null
  /** The first deadline on the way up, with the context that has it, and what that ends with. */
  readonly deadline: Deadline | undefined
  readonly ended: Ended | undefined
  /** Its signal was made. */
  readonly isFollowed: boolean
}

export interface Deadline {
  readonly owner: number
  readonly at: number
  readonly cause: number | undefined
  readonly sequence: number
}

export interface TimerState {
  readonly kind: 'after' | 'timer' | 'ticker'
  /** When its next value is due; `Infinity`: none will come. */
  readonly at: number
  /** 0: fires once. */
  readonly period: number
  readonly sequence: number
  /** It was neither stopped nor, if it fires once, received from. */
  readonly isPending: boolean
}

/** Something that waits. */
export interface Operation {
  readonly op: number
  readonly cases: readonly Case[]
  readonly under?: number | undefined
  readonly isFunc?: boolean
}

export interface State {
  readonly now: number
  /** How many moments were set so far: of those that are due together, the one set first comes first. */
  readonly sequence: number
  readonly channels: readonly ChannelState[]
  readonly contexts: readonly ContextState[]
  readonly timers: readonly TimerState[]
  /** Longest first. */
  readonly waiting: readonly Operation[]
}

export interface Outcome {
  readonly state: State
  /** What ended, in the order in which the callers are told. */
  readonly completed: readonly Completion[]
  /** What the call itself said. */
  readonly said?: Completion | boolean | 'threw' | undefined
}

export function initial(channels: readonly ChannelKind[]): State {
  return {
    now: 0,
    sequence: 0,
    channels: channels.map((kind) => ({ ...kind, buffer: [], dropped: 0, isClosed: false })),
    contexts: [],
    timers: [],
    waiting: [],
  }
}

export function outcome(state: State, ...completed: Completion[]): Outcome {
  return { state, completed }
}

/** The possible outcomes of something, and then of `next`. */
export function andThen(first: readonly Outcome[], next: (state: State) => Outcome[]): Outcome[] {
  return first.flatMap(({ state, completed }) =>
    next(state).map((then) => ({ ...then, completed: [...completed, ...then.completed] })),
  )
}

/** The cases of an operation, by index, that `fits` holds for. */
export function fitting({ cases }: Operation, fits: (given: Case) => boolean): number[] {
  return [...cases.keys()].filter((i) => fits(cases[i]!))
}

/** An operation that waited ends: through any of some cases, as `end` says. */
export function endWait(
  state: State,
  operation: Operation,
  cases: readonly number[],
  end: (i: number) => Completion,
): Outcome[] {
  const left = { ...state, waiting: state.waiting.filter((other) => other !== operation) }
  return cases.map((i) => outcome(left, end(i)))
}
