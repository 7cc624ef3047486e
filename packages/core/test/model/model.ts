/**
 * What the library may do: a sequential model, nondeterministic where the Go specification and our own rules
 * are. Three pages say it: `channels.ts` with select, `contexts.ts`, `timers.ts`; `state.ts` has the words.
 */

import { cancel, close, operate } from './channels.ts'
import { endContext, look, makeContext, receivedDone } from './contexts.ts'
import { type Command, type Operation, type Outcome, type State, andThen, outcome } from './state.ts'
import { makeTimer, pass, resetTimer, stopTimer } from './timers.ts'

/** Every legal outcome of `command`. */
export function step(state: State, command: Command): Outcome[] {
  if ('cases' in command) return operate(state, command)
  if ('cancel' in command) return cancel(state, command.cancel)
  if ('close' in command) return close(state, command.close, command.error)
  if ('context' in command) return makeContext(state, command)
  if ('end' in command) return endContext(state, command.end, command.cause)
  if ('look' in command) return look(state, command.look)
  if ('follow' in command) return followed(state, command.follow)
  if ('func' in command) return afterFunc(state, command.op, command.func)
  if ('stopFunc' in command) return stopFunc(state, command.stopFunc)
  if ('clock' in command) return makeTimer(state, command.clock, command.ms)
  if ('stop' in command) return stopTimer(state, command.stop)
  if ('reset' in command) return resetTimer(state, command.reset, command.ms)
  if ('busy' in command) return [outcome({ ...state, now: state.now + command.busy })]
  return pass(state, state.now + command.pass)
}

function followed(state: State, index: number): Outcome[] {
  return look(state, index).map((looked) => {
    const { contexts } = looked.state
    const { node } = contexts[index]!
    return {
      ...looked,
      state: { ...looked.state, contexts: contexts.with(node, { ...contexts[node]!, isFollowed: true }) },
    }
  })
}

function afterFunc(state: State, op: number, index: number): Outcome[] {
  const operation: Operation = { op, cases: [{ done: index }], isFunc: true }
  return andThen(look(state, index), (looked) =>
    looked.contexts[index]!.ended === undefined
      ? [outcome({ ...looked, waiting: [...looked.waiting, operation] })]
      : [outcome(looked, receivedDone(operation, 0))],
  )
}

function stopFunc(state: State, op: number): Outcome[] {
  const waiting = state.waiting.filter((operation) => operation.op !== op)
  return [{ ...outcome({ ...state, waiting }), said: waiting.length < state.waiting.length }]
}
