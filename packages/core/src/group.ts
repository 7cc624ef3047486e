import { countOf, inspectable } from '#inspect'
import { type CancelContext, type Context, afterFunc, withCancel } from './context.ts'
import { describe, has, isCanceled } from './errors.ts'
import type { Cancellation } from './internal/cancellation.ts'
import { checkType, checkWhole } from './internal/check.ts'
import { type Cancel, cancellationOf } from './internal/foreign.ts'
import { waitIn } from './internal/operation.ts'
import { runtime } from './internal/runtime.ts'
import { NOTHING, WaitQueue, Waiter } from './internal/waiter.ts'

/** The promise of a task, which also tells when the task started. */
export interface Task<T> extends Promise<T> {
  /** Resolves when the task starts. `await g.go(f).started` in a loop waits for a slot. */
  readonly started: Promise<void>
}

/** What the body of a group starts tasks with. */
export interface Group {
  /** Cancelled by the first failure, with that error as its cause, by the parent, or at the end. */
  readonly ctx: Context
  /**
   * Starts a task; while `limit` tasks run it is queued, first in, first out. Its promise settles as the task does. In
   * a group that was cancelled a task still runs, and finds `ctx` cancelled.
   *
   * @throws TypeError if `task` is not a function, Error if the group has ended
   */
  go<T>(task: (ctx: Context) => T | Promise<T>): Task<T>
  /**
   * Starts a task if fewer than `limit` run; else `undefined`, and nothing is queued.
   *
   * @throws TypeError, Error as `go` does
   */
  tryGo<T>(task: (ctx: Context) => T | Promise<T>): Task<T> | undefined
}

/** Options of `group`. */
export interface GroupOptions {
  /** How many tasks run at once; the body does not count. No limit unless told. */
  limit?: number | undefined
  /** What the group rejects with: the `'first'` error (the default), or an `AggregateError` of `'all'`. */
  errors?: 'first' | 'all' | undefined
}

/**
 * Runs `body`, which starts tasks, and settles when all of them have: nothing outlives its group. Resolves to what the
 * body returns. The first failure, of a task or of the body, cancels `g.ctx` for the rest and is what the group rejects
 * with, that same error.
 *
 * With `errors: 'all'` it rejects with an `AggregateError` of all failures in the order in which they happened, also of
 * one. What only repeats a failure is not counted: the error of a task that another one awaited, and the
 * `CanceledError` of the cancel that the first failure caused.
 *
 * A failure of a task is not an unhandled rejection, since the group hears of it. Whoever awaits the task does as well.
 *
 * Cancellation: a cancel of the parent reaches `g.ctx`. It is for the tasks and the body to heed it. Once all tasks of a
 *   cancelled group have ended, a body that still runs is given one turn of the event loop and then not waited for: the
 *   group rejects with the first failure, or with the reason of `parent`'s signal.
 * Source: Go, `golang.org/x/sync/errgroup`.
 *
 * @throws TypeError, RangeError for a parent that cannot cancel anything, a body that is not a function, wrong options
 * @example
 * const squares: number[] = []
 * const count = await group(background(), async (g) => {
 *   for (const n of [1, 2, 3]) await g.go(async () => squares.push(n * n)).started
 *   return 3
 * }, { limit: 2 })
 * squares // => [1, 4, 9]
 * count // => 3
 */
export function group<R>(
  parent: Cancel,
  body: (g: Group) => R | Promise<R>,
  options: GroupOptions = {},
): Promise<R> {
  checkType('run a group: body', body, 'function')
  checkType('make a group: options', options, 'object')
  const { limit, errors = 'first' } = options
  if (limit !== undefined) checkWhole('make a group: limit', limit, 1)
  if (errors !== 'first' && errors !== 'all') {
    throw new TypeError(`Cannot make a group: errors must be 'first' or 'all', got ${describe(errors)}`)
  }
  return new TaskGroup<R>(parent, limit ?? Infinity, errors === 'all').run(body)
}

/**
 * Runs `task` in a task of its own, which begins after the caller's next `await`. A failure that nobody handles is an
 * unhandled rejection, and ends the program as a panic in a goroutine does.
 *
 * Source: Go spec, "Go statements".
 *
 * @throws TypeError if `task` is not a function
 * @example
 * const numbers = channel<number>()
 * void go(() => numbers.send(1))
 * await numbers.receive() // => { value: 1, ok: true }
 */
export function go<T>(task: () => T | Promise<T>): Promise<T> {
  checkType('start a task: it', task, 'function')
  return new Promise((resolve, reject) => {
    const run = async (): Promise<void> => {
      try {
        resolve(await task())
      } catch (error) {
        reject(error)
      }
    }
    runtime.spawn(run, 'task', task)
  })
}

/**
 * Invariants, after each step:
 * 1. `#running` tasks have a slot, at most `#limit`. Nobody is in `#queue` while a slot is free.
 * 2. `#tasks` counts the tasks that have not ended, queued ones among them. While it is above 0 the group goes on.
 * 3. A failure is recorded before its cancel: what the cancel brings about can never be the first.
 * 4. Once the group has ended `ctx` is cancelled, and no task starts.
 */
class TaskGroup<R> implements Group {
  readonly ctx: CancelContext
  readonly #parent: Cancellation | null
  readonly #limit: number
  readonly #keepsAll: boolean
  readonly #queue: WaitQueue = new WaitQueue()
  #running = 0
  #tasks = 0
  /** Only the first, unless all are asked for. */
  readonly #failures: unknown[] = []
  /** Those of the failures that can be recognised: two equal strings may be two failures, one object is one. */
  readonly #known: Set<object> = new Set()
  /** Whether the first failure cancelled `ctx`: the error of `ctx` then says nothing new. */
  #hasCancelled = false
  /** What the body returned, once it has. */
  #result: { readonly value: R } | null = null
  #isBodyOver = false
  #isBodyLeaving = false
  #hasEnded = false
  #stopWatching!: () => boolean
  /** The wait of whoever called `group`. */
  readonly #join: Waiter = new Waiter(null, NOTHING)
  /** For reports. */
  readonly name: string = 'group'

  constructor(parent: Cancel, limit: number, keepsAll: boolean) {
    this.ctx = withCancel(parent)
    this.#parent = cancellationOf(parent)
    this.#limit = limit
    this.#keepsAll = keepsAll
  }

  run(body: (g: Group) => R | Promise<R>): Promise<R> {
    this.#stopWatching = afterFunc(this.ctx, () => this.#endIfOver())
    runtime.spawn(() => this.#runBody(body), 'group body', body)
    const told = this.#join.promise<R>()
    runtime.observer?.waits(this.#join, 'wait', [{ verb: 'wait', on: this }])
    return told
  }

  go<T>(task: (ctx: Context) => T | Promise<T>): Task<T> {
    this.#check(task)
    if (this.#running < this.#limit) return this.#start(task)
    return this.#enter(task, waitIn<void>(this.#queue, 'go', this, null))
  }

  tryGo<T>(task: (ctx: Context) => T | Promise<T>): Task<T> | undefined {
    this.#check(task)
    return this.#running < this.#limit ? this.#start(task) : undefined
  }

  #check(task: unknown): void {
    checkType('start a task: it', task, 'function')
    if (this.#hasEnded) throw new Error('Cannot start a task: its group has ended')
  }

  #start<T>(task: (ctx: Context) => T | Promise<T>): Task<T> {
    this.#running++
    return this.#enter(task, runtime.done())
  }

  #enter<T>(task: (ctx: Context) => T | Promise<T>, started: Promise<void>): Task<T> {
    this.#tasks++
    const promise = new Promise<T>((resolve, reject) => {
      runtime.spawn(() => this.#run(task, resolve, reject, promise), 'group task', task, started)
      // A plain promise with a property: awaiting one of a subclass takes two more hops.
    }) as Promise<T> & { started: Promise<void> }
    promise.started = started
    return promise
  }

  async #run<T>(
    task: (ctx: Context) => T | Promise<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
    promise: Promise<T>,
  ): Promise<void> {
    runtime.observer?.acquired(this, promise, null)
    try {
      const value = await task(this.ctx)
      this.#freeSlot(promise)
      resolve(value)
    } catch (error) {
      const isFirst = this.#record(error)
      this.#freeSlot(promise)
      reject(error)
      // The group has heard of it: it is handled, whether or not somebody awaits the task.
      promise.catch(() => {})
      if (isFirst) this.ctx.cancel(error)
    }
    this.#tasks--
    this.#endIfOver()
  }

  async #runBody(body: (g: Group) => R | Promise<R>): Promise<void> {
    try {
      this.#result = { value: await body(this) }
    } catch (error) {
      if (this.#record(error)) this.ctx.cancel(error)
    }
    this.#isBodyOver = true
    this.#endIfOver()
  }

  /** The slot goes to whoever waits longest, in the same step. */
  #freeSlot(promise: Promise<unknown>): void {
    runtime.observer?.released(this, promise)
    const next = this.#queue.shift()
    if (next === null) this.#running--
    else next.accept()
  }

  /** Keeps a failure that is news; returns whether it is the first. */
  #record(error: unknown): boolean {
    const isFirst = this.#failures.length === 0
    if (isFirst) this.#hasCancelled = this.ctx.err === undefined
    else if (!this.#keepsAll || this.#isRepeated(error)) return false
    if (isObject(error)) this.#known.add(error)
    this.#failures.push(error)
    return isFirst
  }

  /**
   * Whether it is a known failure once more, or only answers the cancel of the first: the error of `ctx`, or an error of
   * the host with that as its cause.
   */
  #isRepeated(error: unknown): boolean {
    if (!isObject(error)) return false
    const { err } = this.ctx
    return (
      this.#known.has(error) ||
      (this.#hasCancelled && (error === err || (isCanceled(error) && has(error, 'cause', err))))
    )
  }

  #endIfOver(): void {
    if (this.#tasks > 0 || this.#hasEnded) return
    if (this.#isBodyOver) this.#end()
    else if (this.ctx.err !== undefined && !this.#isBodyLeaving) void this.#awaitBody()
  }

  /** Cancelled and without tasks: a body that answers a cancel does so now, and may start tasks. */
  async #awaitBody(): Promise<void> {
    this.#isBodyLeaving = true
    await runtime.turn(true)
    this.#isBodyLeaving = false
    if (this.#tasks === 0 && !this.#hasEnded) this.#end()
  }

  #end(): void {
    this.#hasEnded = true
    this.#stopWatching()
    if (!this.#isBodyOver && this.#failures.length === 0) {
      const ended = this.#parent?.poll()
      this.#failures.push(ended == null ? this.ctx.err : ended.reason)
    }
    this.ctx.cancel()
    if (this.#failures.length === 0) this.#join.commit(this.#result!.value)
    else this.#join.fail(this.#keepsAll ? this.#allFailures() : this.#failures[0])
  }

  #allFailures(): AggregateError {
    const { length } = this.#failures
    return new AggregateError(this.#failures, `Cannot finish a group: ${length} failed`)
  }

  static {
    inspectable(this, 'Group', (g) => ({
      running: g.#running,
      queued: countOf(g.#queue),
      err: g.ctx.err?.message,
    }))
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
