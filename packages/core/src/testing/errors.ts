import { describe, has, inherits } from '../errors.ts'
import type { WaitingOperation } from './task.ts'

/** Tasks wait, and nobody will ever wake them. Its text is the whole report. */
export class DeadlockError extends Error {
  override readonly name = 'DeadlockError'
  readonly code = 'ERR_DEADLOCK'
  /**
   * `blocked`: all tasks wait for each other; `leak`: the body returned and tasks still wait; `outside`: a task waits
   * for something that the simulation cannot see, and that did not come.
   */
  readonly kind: 'blocked' | 'leak' | 'outside'
  /** Every operation that waits. */
  readonly waiting: readonly WaitingOperation[]
  /** Tasks and what they wait for in turns, the first again at the end; empty without a cycle. */
  readonly cycle: readonly string[]

  constructor(kind: DeadlockError['kind'], text: string, report: Report) {
    super(`${text}\n${report.text}`)
    this.kind = kind
    this.waiting = report.waiting
    this.cycle = report.cycle
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (this === DeadlockError && has(error, 'code', 'ERR_DEADLOCK')) || inherits(error, this)
  }
}

/** A program failed in one of the orders that an exploration ran it in, or cannot be explored. */
export class ExplorationError extends Error {
  override readonly name = 'ExplorationError'
  readonly code = 'ERR_EXPLORATION'
  /** `failure`: the body failed; `nondeterministic`: it did not do the same in the same order. */
  readonly kind: 'failure' | 'nondeterministic'
  /** The order, for `replay`. */
  readonly schedule: string
  /** What the body failed with. */
  override readonly cause: unknown
  /** What happened, a line for each step: the task, and what it did. */
  readonly trace: string
  /** The state of the tasks at the failure. */
  readonly tasks: string
  /** How many runs it took to find. */
  readonly runs: number

  constructor(
    text: string,
    {
      kind,
      schedule,
      cause,
      trace,
      tasks,
      runs,
    }: Omit<ExplorationError, keyof Error | 'code'> & { cause: unknown },
  ) {
    super(text, { cause })
    this.kind = kind
    this.schedule = schedule
    this.cause = cause
    this.trace = trace
    this.tasks = tasks
    this.runs = runs
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (this === ExplorationError && has(error, 'code', 'ERR_EXPLORATION')) || inherits(error, this)
  }
}

/** A program that goes on and on. */
export class EndlessError extends Error {
  override readonly name = 'EndlessError'
  readonly code = 'ERR_ENDLESS'

  constructor(maxSteps: number) {
    super(`Cannot wait for the end: the program did not come to it in ${maxSteps} steps`)
  }
}

/** Whether it is an error, of any realm: where a runner gives tests a realm, those of Node's modules are of another. */
function isError(thing: unknown): thing is Error {
  return thing instanceof Error || Object.prototype.toString.call(thing) === '[object Error]'
}

/** What a failure says. Some have getters that throw. */
export function textOf(failure: unknown): string {
  try {
    return isError(failure) ? `${failure.name}: ${failure.message}` : describe(failure)
  } catch {
    return 'an error that cannot be read'
  }
}

/** What a report says, in text and in fields. */
export interface Report {
  readonly text: string
  readonly waiting: readonly WaitingOperation[]
  readonly cycle: readonly string[]
}
