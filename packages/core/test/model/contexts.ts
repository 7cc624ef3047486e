/**
 * What the tree of contexts may do. A context ends by its cancel, by its deadline, or with what it hangs on;
 * with it ends all that is below it and has not ended before.
 *
 * A deadline that passes while the program computes ends nothing yet: it does once the host delivers the time,
 * or once somebody looks at a context that it ends, which every use of a context does. Until then what waits
 * under it may still be served.
 *
 * Who is told: parents before children, elder before younger; in one context first who receives from its
 * `done`, then who waits under it, each in the order in which they came. Who waits under a foreign signal itself
 * is told before its contexts.
 */

import {
  type Completion,
  type ContextState,
  type Ended,
  type MakeContext,
  type Operation,
  type Outcome,
  type State,
  endWait,
  fitting,
  andThen,
  outcome,
} from './state.ts'

export function makeContext(state: State, command: MakeContext): Outcome[] {
  const { context: kind, parent } = command
  if (parent === null || kind === 'signal' || kind === 'detached') return [add(state, command, null)]
  const node = state.contexts[parent]!.node
  return andThen(look(state, parent), (looked) => [add(looked, command, node)])
}

function add(
  state: State,
  { context: kind, ms = Infinity, cause }: MakeContext,
  above: number | null,
): Outcome {
  const index = state.contexts.length
  const parent = above === null ? undefined : state.contexts[above]!
  const isTimed = (kind === 'timeout' || kind === 'deadline') && ms !== Infinity
  const own = isTimed ? { owner: index, at: state.now + ms, cause, sequence: state.sequence } : undefined
  const inherited = parent?.deadline
  const made: ContextState = {
    kind,
    node: kind === 'value' && above !== null ? oneWith(state, above, index) : index,
    parent: above,
    // If two pass together, the context's own counts; one that comes later is void, and so is its cause.
    deadline: own !== undefined && !(inherited && inherited.at < own.at) ? own : inherited,
    ended: parent?.ended,
    isFollowed: false,
  }
  return outcome({ ...state, sequence: state.sequence + 1, contexts: [...state.contexts, made] })
}

/** Apart from the value, a context with a value is its parent. All of those directly under one signal are one. */
function oneWith({ contexts }: State, above: number, index: number): number {
  if (contexts[above]!.kind !== 'signal') return above
  const first = contexts.findIndex(({ kind, parent }) => kind === 'value' && parent === above)
  return first < 0 ? index : first
}

/** A use of a context: its end, if its deadline has passed. */
export function look(state: State, index: number): Outcome[] {
  const { deadline, ended } = state.contexts[index]!
  if (ended !== undefined || deadline === undefined || deadline.at > state.now) return [outcome(state)]
  return expire(state, deadline.owner)
}

/**
 * Whether looking at a context changes nothing. A signal is listened to for as long as it takes to notice that a
 * deadline below it has passed: whoever looks may be told either.
 */
export function isQuiet(state: State, index: number): boolean {
  const isOver = ({ deadline, ended }: ContextState) =>
    ended === undefined && deadline !== undefined && deadline.at <= state.now
  const isBelow = ({ parent }: ContextState) =>
    parent === index || valuesUnder(state, index).some((values) => parent === values)
  const context = state.contexts[index]!
  return context.kind === 'signal'
    ? !state.contexts.some((other) => isBelow(other) && isOver(other))
    : !isOver(context)
}

export function expire(state: State, owner: number): Outcome[] {
  return endTree(state, owner, expired(owner, state.contexts[owner]!))
}

function expired(owner: number, { deadline }: ContextState): Ended {
  return { by: owner, error: 'deadline', cause: deadline!.cause }
}

/** `cancel(cause)`, or `abort(cause)` with a reason which says that time ran out if it is `TIMEOUT`. */
export function endContext(state: State, index: number, cause: number | undefined): Outcome[] {
  const { kind } = state.contexts[index]!
  if (kind === 'value' || kind === 'detached') return [outcome(state)]
  const error = kind === 'signal' && cause === TIMEOUT ? 'deadline' : 'canceled'
  return andThen(look(state, index), (looked) =>
    looked.contexts[index]!.ended === undefined
      ? endTree(looked, index, { by: index, error, cause })
      : [outcome(looked)],
  )
}

/** The number of a value that is a `TimeoutError`. */
export const TIMEOUT = 1_000

/** The whole tree is marked before anybody is told. */
function endTree(state: State, top: number, ended: Ended): Outcome[] {
  const order = orderOf(state, top)
  const contexts = [...state.contexts]
  contexts[top] = { ...contexts[top]!, ended }
  for (const index of order.slice(1)) {
    const child = contexts[index]!
    // A deadline of its own that has passed unnoticed came first.
    const isLate = child.deadline?.owner === index && child.deadline.at <= state.now
    const inherited = contexts[child.parent!]!.ended!
    contexts[index] = { ...child, ended: isLate ? expired(index, child) : inherited }
  }
  for (const [index, { node }] of contexts.entries()) {
    if (node !== index) contexts[index] = { ...contexts[index]!, ended: contexts[node]!.ended }
  }
  return order.reduce(
    (told, node) => andThen(told, (marked) => tell(marked, node)),
    [outcome({ ...state, contexts })],
  )
}

/** The order in which a tree is walked. All contexts under a signal are children of one directly below it. */
function orderOf({ contexts }: State, top: number): number[] {
  const isNode = (i: number) => contexts[i]!.node === i && contexts[i]!.ended === undefined
  const children = (parent: number) =>
    [...contexts.keys()].filter((i) => contexts[i]!.parent === parent && isNode(i))
  const below = (level: readonly number[]): number[] => {
    const next = level.flatMap(children)
    return next.length === 0 ? [...level] : [...level, ...below(next)]
  }
  if (contexts[top]!.kind !== 'signal') return below([top])
  const isValue = (i: number) => contexts[i]!.kind === 'value'
  const values = children(top).filter(isValue)
  const others = children(top).filter((i) => !isValue(i))
  return [top, ...values, ...below([...others, ...values.flatMap(children)].toSorted((a, b) => a - b))]
}

function tell(state: State, node: number): Outcome[] {
  const { kind } = state.contexts[node]!
  // What runs after a signal hangs on the context directly below it, as the receivers of that context's `done` do.
  if (kind === 'signal')
    return andThen(failWaits(state, node), (told) => closeDone(told, [node, ...valuesUnder(told, node)]))
  return andThen(closeDone(state, [node]), (told) => failWaits(told, node))
}

function closeDone(state: State, nodes: readonly number[]): Outcome[] {
  const isTold = (index: number) => nodes.includes(state.contexts[index]!.node)
  let outcomes = [outcome(state)]
  for (const operation of state.waiting) {
    const cases = fitting(operation, (given) => 'done' in given && isTold(given.done))
    if (cases.length === 0) continue
    outcomes = andThen(outcomes, (told) => endWait(told, operation, cases, (i) => receivedDone(operation, i)))
  }
  return outcomes
}

function failWaits(state: State, node: number): Outcome[] {
  let outcomes = [outcome(state)]
  for (const operation of state.waiting) {
    const { op, under } = operation
    if (under === undefined || state.contexts[under]!.node !== node) continue
    outcomes = andThen(outcomes, (told) => endWait(told, operation, [0], () => ({ op, error: 'canceled' })))
  }
  return outcomes
}

/** The one context that stands for all contexts with a value directly under a signal, if there are any. */
function valuesUnder({ contexts }: State, signal: number): number[] {
  return [...contexts.keys()].filter((i) => {
    const { kind, parent, node } = contexts[i]!
    return parent === signal && kind === 'value' && node === i
  })
}

export function receivedDone({ op, isFunc }: Operation, i: number): Completion {
  return isFunc ? { op, ran: true } : { op, case: i, ok: false }
}

/** Whether anything waits on a context itself: under it, on its `done`, or through its signal. */
export function isWaitedOn(state: State, node: number): boolean {
  const { isFollowed, ended } = state.contexts[node]!
  const isIt = (index: number | undefined) => index !== undefined && state.contexts[index]!.node === node
  return (
    (isFollowed && ended === undefined) ||
    state.waiting.some(
      ({ cases, under }) => isIt(under) || cases.some((given) => 'done' in given && isIt(given.done)),
    )
  )
}

/** Whether the library has to listen to a foreign signal: something waits on it, or hangs on it for good. */
export function isListenedTo(state: State, signal: number): boolean {
  const { contexts } = state
  if (contexts[signal]!.ended !== undefined) return false
  const hasLive = (parent: number) =>
    contexts.some(
      (child, i) =>
        child.parent === parent && child.kind !== 'value' && child.ended === undefined && child.node === i,
    )
  return (
    isWaitedOn(state, signal) ||
    hasLive(signal) ||
    valuesUnder(state, signal).some((values) => hasLive(values) || isWaitedOn(state, values))
  )
}
