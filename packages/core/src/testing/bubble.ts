import type { Alarm } from '../internal/alarms.ts'
import { Deadline } from '../internal/deadline.ts'
import type { Settleable } from '../internal/runtime.ts'
import type { BubbleOptions } from './bubble-options.ts'
import { watchCrashes } from './crash.ts'
import { DeadlockError, EndlessError } from './errors.ts'
import { guard } from './guard.ts'
import { host } from './host.ts'
import { locks } from './locks.ts'
import { Numbers, isChannel, nameOf } from './names.ts'
import { isUnderWay, pause, watchOutside } from './outside.ts'
import { type SeededRandom, seededRandom } from './random.ts'
import { ReadyQueue, type Ready } from './ready.ts'
import { reportOn } from './report.ts'
import { currentTask, leaveTasks, runAs } from './current.ts'
import { Timers } from './timers.ts'
import { Operation, Task, type World } from './task.ts'

/**
 * A program with a clock and an order of its own.
 *
 * Invariants:
 * 1. Between two steps no microtask is left: a step is all that follows from one wake-up.
 * 2. The clock stands still while anybody is ready, or waits for something outside that may come.
 * 3. `#ready` is in the order of the commits. `#waiting` has each operation of the bubble that waits.
 * 4. The same choices lead to the same steps, unless the program itself asks something outside.
 */
export class Bubble implements World {
  readonly #options: BubbleOptions
  readonly #tasks: Task[] = []
  readonly #numbers = new Map<Task, number>()
  readonly #ready = new ReadyQueue()
  readonly #waiting = new Set<Operation>()
  readonly #timers = new Timers()
  readonly #names = new Numbers()
  /** Those who wait until all others do, and those who let time go on. */
  #settling: (() => void)[] = []
  #advancing: { at: number; tell(): void }[] = []
  readonly #invariants: (() => unknown)[] = []
  readonly #dice: SeededRandom = seededRandom(DICE)
  #now = 0
  #steps = 0
  #ringsSinceEnd = 0
  /** The channel that the last operation was on, if it had its outcome at once, and what it did there. */
  #touched: object | null = null
  #touch = ''
  #failure: { error: unknown } | null = null
  #isOver = false
  #isCanceled = false
  /** Whether the body returned, and the context was cancelled for it. */
  #hasEnded = false
  /** Whether some task awaited something of its own between two operations: only bursts reorder that. */
  hasInnerAwaits = false
  /** Cancels the context of the bubble. */
  cancel: (cause?: unknown) => void = () => {}

  readonly notesSites: boolean
  /** The task of what the bubble does by itself: timers, and the cancel. */
  readonly #clock: Task

  constructor(options: BubbleOptions) {
    this.#options = options
    this.notesSites = options.notesSites
    this.#clock = new Task('clock', this)
  }

  /** Runs `body` and all that it starts, to the end. */
  async run<T>(body: () => T | Promise<T>): Promise<T> {
    let result!: T
    this.begin('main', body, this.#fail, (value) => (result = value))
    const unwatch = [watchOutside(this), watchCrashes(this, this.#fail)]
    try {
      await this.#toTheEnd()
    } finally {
      this.#isOver = true
      for (const stop of unwatch) stop()
      leaveTasks()
    }
    return result
  }

  /** A task that begins at a step of its own. */
  begin<T>(
    name: string,
    body: () => T | Promise<T>,
    failed: (error: unknown) => void,
    ended?: (value: T) => void,
  ): Task {
    const task = new Task(name, this)
    this.#numbers.set(task, this.#numbers.size)
    this.#tasks.push(task)
    const isDone = (): void => {
      task.isDone = true
      this.#tasks.splice(this.#tasks.indexOf(task), 1)
    }
    const start = (): void => {
      let running: Promise<T>
      try {
        running = Promise.resolve(body())
      } catch (error) {
        running = Promise.reject(error)
      }
      // Each hop more would look like an await of the program's own.
      running.then(
        (value) => {
          isDone()
          ended?.(value)
        },
        (error: unknown) => {
          isDone()
          failed(error)
        },
      )
    }
    task.pending++
    this.#ready.push({ task, what: STARTS, operation: undefined, tell: start })
    return task
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= { error }
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  addInvariant(check: () => unknown): void {
    this.#invariants.push(check)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The operations that wait, and the tasks of which nothing is known. */
  report(): ReturnType<typeof reportOn> {
    return reportOn([...this.#waiting], this.#now, this.#unseen())
  }

  get operations(): Operation[] {
    return [...this.#waiting]
  }

  // What the library asks for.

  now(): number {
    return this.#now
  }

  epochNow(): number {
    return EPOCH_MS + this.#now
  }

  /** Drawn from dice that fall the same in each run, for a program may rely on a fair choice to end. */
  pick(count: number): number {
    if (count === 1) return 0
    return (this.#dice.below(count) + this.#options.chooser.choose(count, 'pick')) % count
  }

  waits(operation: Operation): void {
    this.#waiting.add(operation)
    if (operation.task !== null) operation.task.pending++
  }

  wake(operation: Settleable, outcome: unknown, of: Operation | undefined): void {
    const { verb, target } = of ?? {}
    const task = of?.task ?? this.#currentTask()
    if (target !== undefined && of!.task !== null) {
      if (verb === 'send') locks.sent(target, of!.task)
      if (verb === 'receive') locks.received(target, of!.task)
    }
    if (of === undefined) task.pending++
    this.#push(task, of, 'is called', () => operation.settle(outcome))
  }

  told(what: string, tell: () => void): void {
    const task = this.#currentTask()
    task.pending++
    const touched = this.#touched === null ? 'goes on' : `${this.#touch} ${nameOf(this.#touched)}`
    this.#push(task, undefined, what === '' ? touched : what, tell)
    this.#touched = null
  }

  spawn(body: () => unknown, kind = 'task', f: Function = body): void {
    this.begin(this.#names.taskName(kind, f), body, this.#fail)
  }

  arm(alarm: Alarm): void {
    this.#timers.arm(alarm)
  }

  disarm(alarm: Alarm): void {
    this.#timers.disarm(alarm)
  }

  made(thing: object): void {
    this.#names.number(thing)
    if (isChannel(thing)) this.#guard(thing)
  }

  #guard(channel: object): void {
    guard(channel, {
      world: this,
      took: () => {
        this.#touched = channel
        this.#touch = 'receives from'
        locks.received(channel, this.#currentTask())
      },
      put: () => {
        this.#touched = channel
        this.#touch = 'sends to'
        locks.sent(channel, this.#currentTask())
      },
    })
  }

  // What the body asks for.

  settled(): Promise<void> {
    return this.#waitFor('settled', 'all others', (tell) => this.#settling.push(tell))
  }

  advance(ms: number): Promise<void> {
    const at = this.#now + ms
    return this.#waitFor('advance', `${ms} ms`, (tell) => {
      const later = this.#advancing.findIndex((other) => other.at > at)
      this.#advancing.splice(later < 0 ? this.#advancing.length : later, 0, { at, tell })
    })
  }

  /** A wait of the current task that ends with the call of what `begin` is given. */
  #waitFor(verb: string, name: string, begin: (tell: () => void) => void): Promise<void> {
    const operation = new Operation(verb, [{ verb, on: { name } }], this.#currentTask(), this.#now)
    return new Promise((resolve) => {
      this.waits(operation)
      begin(() => this.#push(operation.task!, operation, '', resolve))
    })
  }

  /** The current task waits for `task` until the function that is returned is called. */
  join(task: Task): (tell: () => void) => void {
    const cases = [{ verb: 'join', on: task }]
    // Nobody is on the stack when a promise asks who it is awaited by: where the task was started has to do.
    const joining = new Operation('join', cases, this.#currentTask(), this.#now, task.startedAt)
    this.waits(joining)
    joining.task!.joins++
    return (tell) => this.#push(joining.task!, joining, '', tell)
  }

  log(text: string): void {
    this.#options.trace?.(this.#currentTask().name, `logs ${text}`, '')
  }

  #currentTask(): Task {
    return currentTask() ?? this.#clock
  }

  #push(task: Task, operation: Operation | undefined, what: string, tell: () => void): void {
    if (this.#isOver) return
    if (operation !== undefined) this.#waiting.delete(operation)
    this.#ready.push({ task, what, operation, tell })
  }

  // The loop.

  async #toTheEnd(): Promise<void> {
    for (;;) {
      await host.turn()
      this.#check()
      if (!this.#hasEnded && this.#mainIsDone) {
        this.#hasEnded = true
        runAs(this.#clock, () => this.cancel())
      } else if (this.#ready.length > 0) {
        this.#step()
      } else if (this.#isFinished) {
        return
      } else if (!(await this.#heardOfOutside(this.#unseen())) && !this.#goOn()) {
        // Nothing but the outside could help now, and it may: a callback of the host sends to a channel, say.
        if (isUnderWay(this) !== true || !(await this.#heardOfOutside(this.#tasks))) {
          throw this.#deadlock()
        }
      }
    }
  }

  #check(): void {
    for (const check of this.#invariants) {
      let holds: unknown
      try {
        holds = check()
      } catch (error) {
        this.#fail(error)
      }
      if (holds === false) {
        const text = `Cannot go on: an invariant does not hold: ${String(check)}`
        this.#fail(Object.assign(new Error(text), { code: 'ERR_INVARIANT' }))
      }
    }
    if (this.#failure !== null) throw this.#failure.error
    if (this.#steps > this.#options.maxSteps) throw new EndlessError(this.#options.maxSteps)
  }

  get #mainIsDone(): boolean {
    return this.#tasks[0] === undefined || this.#numbers.get(this.#tasks[0]) !== 0
  }

  get #isFinished(): boolean {
    return this.#tasks.length === 0 && this.#waiting.size === 0
  }

  /** Tasks that are not done, not ready, and wait for nothing that is known. */
  #unseen(): Task[] {
    return this.#tasks.filter(({ pending }) => pending === 0)
  }

  #step(): void {
    this.#steps++
    if (this.#cancelsHere()) return
    const { chooser, bursts } = this.#options
    const candidates = this.#ready.candidates()
    const count = candidates.length === 1 ? 1 : candidates.length + (bursts ? 1 : 0)
    const chosen =
      count === 1
        ? 0
        : chooser.choose(
            count,
            'next',
            candidates.map(({ task }) => this.#numbers.get(task) ?? -1),
          )
    const next = candidates[chosen]
    if (next === undefined) {
      for (const ready of candidates) this.#tell(ready, ready === candidates[0] ? '' : ' in the same turn')
    } else {
      this.#tell(next)
      if (!bursts && next.operation?.verb !== 'join')
        void this.#lookForInnerAwaits(next.task, next.what === STARTS)
    }
  }

  /** Whether the chooser cancels the context here: before a step, and while all wait. */
  #cancelsHere(): boolean {
    if (!this.#options.cancels || this.#isCanceled || this.#hasEnded) return false
    if (this.#options.chooser.choose(2, 'cancel') === 0) return false
    this.#isCanceled = true
    this.#trace('clock', 'cancels t.ctx', '')
    runAs(this.#clock, () => this.cancel(`canceled by the exploration before step ${this.#steps}`))
    return true
  }

  /** @param how to be added in a trace */
  #tell(ready: Ready, how = ''): void {
    const { task, what, operation, tell } = ready
    this.#ready.remove(ready)
    task.pending--
    if (operation?.verb === 'join') task.joins--
    if (this.#options.trace !== undefined) {
      const { operation: verb, channel } = operation?.describe(this.#now) ?? { operation: what, channel: '' }
      const text = operation === undefined ? what : `goes on after ${verb} ${channel}`
      this.#trace(task.name, text + how, operation === undefined ? '' : operation.at.toString())
    }
    runAs(task, tell)
  }

  #trace(task: string, what: string, at: string): void {
    this.#options.trace?.(task, what, at)
  }

  /**
   * A task that begins has run to its first await by now, one that goes on will have a hop later. If that is an await of
   * an operation, the task is pending; if it returned, it is done one hop more later. Else it awaits something of its
   * own.
   */
  async #lookForInnerAwaits(task: Task, begins: boolean): Promise<void> {
    if (!begins) await HOP
    if (task.pending > 0 || task.isDone) return
    await HOP
    // Whom a task joins is known a hop late.
    if (!task.isDone && task.joins === 0) this.hasInnerAwaits = true
  }

  /** Everybody waits: whatever comes of that. Says whether anything does. */
  #goOn(): boolean {
    const at = this.#timers.nextAt
    if (at <= this.#now) return this.#ring(at)
    return this.#settle() || this.#cancelsHere() || this.#letTimeGoOn(at)
  }

  /** Tells those who waited for everybody to wait. */
  #settle(): boolean {
    const settling = this.#settling
    this.#settling = []
    for (const tell of settling) tell()
    return settling.length > 0
  }

  /** On to the next moment at which anything is due, a timer at `at` perhaps. */
  #letTimeGoOn(at: number): boolean {
    const advance = this.#advancing[0]
    if (advance === undefined || advance.at >= at) return this.#ring(at)
    this.#advancing.shift()
    this.#now = advance.at
    advance.tell()
    return true
  }

  /** One of the timers that are due at `at`, the next moment for which any is set. */
  #ring(at: number): boolean {
    if (at === Infinity || (this.#hasEnded && ++this.#ringsSinceEnd > RINGS)) return false
    const due = this.#timers.dueAt(at)
    const alarm = due[due.length === 1 ? 0 : this.#options.chooser.choose(due.length, 'timer')]!
    this.#now = Math.max(this.#now, at)
    this.disarm(alarm)
    runAs(this.#clock, () => alarm.ring())
    // A timer only commits; the end of a context calls listeners, whose microtasks belong to this step.
    if (!(alarm instanceof Deadline) && this.#ready.length > 0) this.#step()
    return true
  }

  /** Waits for the outside, in real time, while it may still wake one of `tasks`. Says whether anything happened. */
  async #heardOfOutside(tasks: readonly Task[]): Promise<boolean> {
    if (tasks.length === 0) return false
    const { externalTimeoutMs, patience } = this.#options
    const before = tasks.map(({ pending }) => pending)
    const start = host.now()
    for (let turns = 0; ; turns++) {
      await (turns < TURNS ? host.turn() : pause(1))
      this.#check()
      if (this.#ready.length > 0) return true
      if (tasks.some(({ isDone, pending }, i) => isDone || pending !== before[i])) return true
      const waitedMs = host.now() - start
      const mayCome = isUnderWay(this)
      if (mayCome === false && turns >= TURNS && waitedMs >= patience.ms) {
        patience.ms = 0
        return false
      }
      if (waitedMs < externalTimeoutMs) continue
      if (mayCome !== true) return false
      throw this.#waitedTooLong(tasks)
    }
  }

  #waitedTooLong(tasks: readonly Task[]): DeadlockError {
    const names = tasks.map(({ name }) => name).join(', ')
    return new DeadlockError(
      'outside',
      `Cannot go on: ${names} waited ${this.#options.externalTimeoutMs} ms for something outside of the simulation`,
      this.report(),
    )
  }

  #deadlock(): DeadlockError {
    const time = `virtual time ${this.#now} ms`
    if (!this.#hasEnded) {
      return new DeadlockError(
        'blocked',
        `Cannot go on: all tasks are asleep - deadlock! (${time})`,
        this.report(),
      )
    }
    const names = new Set([...this.#tasks, ...[...this.#waiting].map(({ task }) => task)])
    const count = names.size === 1 ? '1 task is' : `${names.size} tasks are`
    return new DeadlockError(
      'leak',
      `Cannot end: the body has returned, but ${count} blocked (${time})`,
      this.report(),
    )
  }
}

const STARTS = 'starts'
/** Not the seed of anybody's search: dice that fall as the search chooses would undo its choices. */
const DICE = 0x9e3779b9
const HOP = Promise.resolve()
/** The first of January 2000, where Go's bubbles begin, too. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
/** Timers that ring after the body returned: a ticker that nobody stops must not ring for ever. */
const RINGS = 1_000
/** Turns of the host in which what only takes a turn comes through. */
const TURNS = 3
