import { type Context, background, withCancel } from '../context.ts'
import { checkLeast, checkType } from '../internal/check.ts'
import { Bubble } from './bubble.ts'
import type { BubbleOptions } from './bubble-options.ts'
import type { Task } from './task.ts'
import { currentTask, tellsTasks } from './current.ts'
import { outside } from './guard.ts'

/** What the body of a simulation is given. */
export interface Simulation {
  /** Cancelled when the body returns. */
  readonly ctx: Context
  /**
   * Starts a task. If it fails, those who await it by then get the error; if nobody does, the simulation fails with it.
   *
   * @param name for reports
   */
  go<T>(name: string, task: () => T | Promise<T>): Promise<T>
  /** The time of the simulation, in epoch ms. It begins with the year 2000 and goes on when all tasks wait. */
  now(): number
  /** Resolves when all other tasks wait. */
  settled(): Promise<void>
  /** Lets `ms` milliseconds go by; resolves when what they started has come to rest. */
  advance(ms: number): Promise<void>
  /** Has `check` called after each step. The simulation fails if it returns false or a promise, or throws. */
  invariant(check: () => unknown): void
  /** Notes `text`. All that a run noted is its outcome; an exploration returns the distinct ones. */
  log(text: string): void
}

/** Runs a body in a bubble of its own, and keeps what it noted. */
export async function runInBubble<T>(
  body: (t: Simulation) => T | Promise<T>,
  options: BubbleOptions,
): Promise<{ bubble: Bubble; log: readonly string[]; result: { value: T } | { error: unknown } }> {
  if (currentTask()?.world) throw new Error('Cannot simulate: this is inside of a simulation already')
  if (!tellsTasks && isRunning)
    throw new Error('Cannot simulate: another simulation runs, and this host cannot tell them apart')
  const bubble = new Bubble(options)
  const log: string[] = []
  isRunning = true
  try {
    const t = simulationIn(bubble, log)
    const value = await bubble.run(() => body(t))
    return { bubble, log, result: { value } }
  } catch (error) {
    return { bubble, log, result: { error } }
  } finally {
    isRunning = false
  }
}

let isRunning = false

function simulationIn(bubble: Bubble, log: string[]): Simulation {
  const ctx = withCancel(background())
  bubble.cancel = (cause) => ctx.cancel(cause)
  return {
    ctx,
    go: (name, task) => {
      checkType('start a task: its name', name, 'string')
      checkType(`start a task: ${name}`, task, 'function')
      checkOpen(bubble, `start task ${name}`)
      return goIn(bubble, name, task)
    },
    now: () => bubble.epochNow(),
    settled: () => {
      checkOpen(bubble, 'wait until all others do')
      return bubble.settled()
    },
    advance: (ms) => {
      checkLeast('advance: ms', ms, 0)
      checkOpen(bubble, 'advance the clock')
      return bubble.advance(ms)
    },
    invariant: (check) => {
      checkType('keep an invariant: it', check, 'function')
      checkOpen(bubble, 'keep an invariant')
      bubble.addInvariant(check)
    },
    log: (text) => {
      checkOpen(bubble, 'note anything')
      log.push(String(text))
      bubble.log(String(text))
    },
  }
}

/** What is asked of a simulation that is over would never happen. */
function checkOpen(bubble: Bubble, what: string): void {
  if (bubble.isOver) throw outside(`${what}: its simulation has ended`)
}

/** A task as a promise that knows who waits for it. */
class JoinablePromise<T> extends Promise<T> {
  // What is derived from it is an ordinary promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  joined: (() => void) | undefined

  // oxlint-disable-next-line unicorn/no-thenable -- a promise has it
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.joined?.()
    return super.then(onFulfilled, onRejected)
  }
}

function goIn<T>(bubble: Bubble, name: string, body: () => T | Promise<T>): Promise<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new JoinablePromise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  const joins: ((tell: () => void) => void)[] = []
  /** Tells those who wait, each at a step of its own; the first of these steps settles the promise. */
  const end = (tell: () => void): void => {
    promise.joined = () => bubble.joinEnded()
    const [first, ...others] = joins
    if (first === undefined) return tell()
    first(tell)
    for (const other of others) other(() => {})
  }
  const task: Task = bubble.begin(
    name,
    body,
    (error) => {
      if (joins.length === 0) bubble.fail(error)
      else end(() => reject(error))
    },
    (value) => end(() => resolve(value)),
  )
  promise.joined = () => void joins.push(bubble.join(task))
  return promise
}
