import { describe } from '../errors.ts'
import type { Alarm } from '../internal/alarms.ts'
import { checkLeast, checkType } from '../internal/check.ts'
import { currentTask, leaveTasks, runAs } from './current.ts'
import { type Scope, addScope, host, waitingOperations } from './host.ts'
import { outsideNow, pause } from './outside.ts'
import { reportOn } from './report.ts'
import { Task } from './task.ts'

/** Options of `leakCheck`. */
export interface LeakCheckOptions {
  /** How long whatever is still at work when the body returns may take to end, in ms; 100. */
  graceMs?: number | undefined
}

/** A body left something of the library behind. */
export class LeakError extends Error {
  override readonly name = 'LeakError'
  readonly code = 'ERR_LEAK'
  /** How many are left: operations that wait, tasks that run, timers that are set, listeners. */
  readonly left: {
    readonly operations: number
    readonly tasks: number
    readonly timers: number
    readonly listeners: number
  }

  constructor(left: LeakError['left'], report: string) {
    const parts = Object.entries(left).flatMap(([kind, count]) =>
      count > 0 ? [`${count} ${count === 1 ? kind.slice(0, -1) : kind}`] : [],
    )
    super(`Cannot end: left behind: ${parts.join(', ')}\n${report}`.trimEnd())
    this.left = left
  }
}

/**
 * Runs `body` in real time and rejects with a `LeakError` if it leaves anything of the library behind: operations that
 * wait, tasks that run, timers that are set, listeners on abort signals and of `fromEvents`. Resolves to the body's
 * result.
 *
 * What began before, or outside of the body, does not count; where the host does not tell tasks apart (browsers), all
 * that begins while the body runs does.
 *
 * Source: Go, `go.uber.org/goleak`.
 *
 * @throws LeakError if something is left
 * @throws TypeError, RangeError for a body or options that are not valid
 * @example
 * import { channel } from 'chansel'
 * import { leakCheck } from 'chansel/testing'
 *
 * const jobs = channel<string>(0, { name: 'jobs' })
 * const leak = await leakCheck(() => void jobs.receive(), { graceMs: 1 }).catch((error) => error)
 * leak.left.operations // => 1
 * jobs.close()
 */
export async function leakCheck<T>(body: () => T | Promise<T>, options: LeakCheckOptions = {}): Promise<T> {
  if (typeof body !== 'function') {
    throw new TypeError(`Cannot check for leaks: the body must be a function, got ${describe(body)}`)
  }
  if (currentTask()?.world) throw new Error('Cannot check for leaks: a simulation does so by itself')
  checkType('check for leaks: options', options, 'object')
  const { graceMs = 100 } = options
  checkLeast('check for leaks: graceMs', graceMs, 0)
  const left = new Remains()
  const stop = addScope(left)
  try {
    const result = await runAs(left.task, () => body())
    const until = outsideNow() + graceMs
    while (!left.isEmpty && outsideNow() < until) await pause(1)
    await host.turn()
    if (!left.isEmpty) throw left.error()
    return result
  } finally {
    stop()
    leaveTasks()
  }
}

/** What was begun under a task, and is not over. */
class Remains implements Scope {
  readonly task: Task = new Task('main', null, currentTask())
  readonly #before = new Set(waitingOperations())
  readonly #tasks = new Set<Task>()
  readonly #alarms = new Set<Alarm>()
  readonly #listeners = new Map<object, number>()

  began(task: Task): void {
    if (task.isUnder(this.task)) this.#tasks.add(task)
  }

  armed(alarm: Alarm): void {
    if (this.#isHere) this.#alarms.add(alarm)
  }

  listens(target: object): void {
    if (this.#isHere) this.#listeners.set(target, (this.#listeners.get(target) ?? 0) + 1)
  }

  unlistens(target: object): void {
    const count = this.#listeners.get(target)
    if (count === 1) this.#listeners.delete(target)
    else if (count !== undefined) this.#listeners.set(target, count - 1)
  }

  get #isHere(): boolean {
    return currentTask()?.isUnder(this.task) === true
  }

  get #operations() {
    return waitingOperations().filter(
      (operation) => !this.#before.has(operation) && operation.task?.isUnder(this.task) === true,
    )
  }

  get #left(): LeakError['left'] {
    return {
      operations: this.#operations.length,
      tasks: [...this.#tasks].filter(({ isDone }) => !isDone).length,
      timers: [...this.#alarms].filter(({ slot }) => slot >= 0).length,
      listeners: this.#listeners.size,
    }
  }

  get isEmpty(): boolean {
    return Object.values(this.#left).every((count) => count === 0)
  }

  error(): LeakError {
    const report = reportOn(this.#operations, host.now()).text
    const tasks = [...this.#tasks].filter(({ isDone }) => !isDone)
    const lines = tasks.map(({ name, startedAt }) => `  ${name}  started at ${startedAt.toString()}`)
    return new LeakError(this.#left, [report, ...lines].filter((line) => line !== '').join('\n'))
  }
}
