import type { Alarm } from '../internal/alarms.ts'
import type { Settleable } from '../internal/runtime.ts'
import type { BubbleOptions } from './bubble-options.ts'
import { watchCrashes } from './crash.ts'
import { currentTask, leaveTasks } from './current.ts'
import { guard } from './guard.ts'
import { locks } from './locks.ts'
import { Loop } from './loop.ts'
import { Numbers, isChannel, nameOf } from './names.ts'
import { watchOutside } from './outside.ts'
import { type SeededRandom, seededRandom } from './random.ts'
import { CALL, type Ready, TURN, YIELD } from './ready.ts'
import type { reportOn } from './report.ts'
import { Roster } from './roster.ts'
import { Operation, STARTS, Task, type World } from './task.ts'
import { VirtualTime } from './virtual-time.ts'

/**
 * A program with a clock and an order of its own. Here is what the library and the body ask of it; who takes part is in
 * `Roster`, the clock is `VirtualTime`, and `Loop` lets one step follow the other.
 *
 * Invariants:
 * 1. Whoever is to be told is ready, in the order of the commits, and the loop decides when.
 * 2. The same choices lead to the same steps, unless the program itself asks something outside.
 */
export class Bubble implements World {
  readonly #options: BubbleOptions
  readonly #roster = new Roster()
  readonly #time = new VirtualTime()
  readonly #names = new Numbers()
  readonly #dice: SeededRandom = seededRandom(DICE)
  /** The channel that the last operation was on, if it had its outcome at once, and what it did there. */
  #touched: object | null = null
  #touch = ''
  #isOver = false

  readonly notesSites: boolean
  readonly #clock: Task
  readonly #loop: Loop

  constructor(options: BubbleOptions) {
    this.#options = options
    this.notesSites = options.notesSites
    this.#clock = new Task('clock', this)
    this.#loop = new Loop(this, this.#clock, options, this.#roster, this.#time)
  }

  /** Runs `body` and all that it starts, to the end. */
  async run<T>(body: () => T | Promise<T>): Promise<T> {
    let result!: T
    const { fail } = this.#loop
    this.begin('main', body, fail, (value) => (result = value))
    const unwatch = [watchOutside(this), watchCrashes(this, fail)]
    try {
      await this.#loop.toTheEnd()
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
    follows = false,
  ): Task {
    const task = new Task(name, this)
    this.#roster.begins(task)
    const start = (): void => {
      let running: Promise<T>
      try {
        running = Promise.resolve(body())
      } catch (error) {
        running = Promise.reject(error)
      }
      // With as few hops as can be: one more would look like an `await` of the program's own.
      running.then(
        (value) => {
          this.#roster.ends(task)
          ended?.(value)
        },
        (error: unknown) => {
          this.#roster.ends(task)
          failed(error)
        },
      )
    }
    const ready = this.#roster.isToBeTold(task, STARTS, start)
    if (follows) this.#loop.goesOnHere(ready)
    else this.#loop.wasStarted(ready, this.#currentTask())
    return task
  }

  fail(error: unknown): void {
    this.#loop.fail(error)
  }

  addInvariant(check: () => unknown): void {
    this.#loop.addInvariant(check)
  }

  /** What cancels the context of the bubble. */
  set cancel(cancel: (cause?: unknown) => void) {
    this.#loop.cancel = cancel
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get hasInnerAwaits(): boolean {
    return this.#loop.ownAwaits.areThere
  }

  get hasOverlaps(): boolean {
    return this.#loop.ownAwaits.overlap
  }

  report(): ReturnType<typeof reportOn> {
    return this.#loop.report()
  }

  get operations(): Operation[] {
    return this.#roster.waiting
  }

  // What the library asks for.

  now(): number {
    return this.#time.now
  }

  epochNow(): number {
    return this.#time.epochNow
  }

  /** Drawn from dice that fall the same in each run, since a program may rely on a fair choice to end. */
  pick(count: number): number {
    if (count === 1) return 0
    return (this.#dice.below(count) + this.#options.chooser.choose(count, 'pick')) % count
  }

  waits(operation: Operation): void {
    this.#roster.waits(operation)
  }

  wake(operation: Settleable, outcome: unknown, of: Operation | undefined): void {
    const tell = (): void => operation.settle(outcome)
    if (of === undefined) {
      this.#loop.becameReady(this.#isToBeTold(CALL, tell), this.#currentTask())
      return
    }
    const { verb, target, task } = of
    if (target !== undefined && task !== null) {
      if (verb === 'send') locks.sent(target, task)
      if (verb === 'receive') locks.received(target, task)
    }
    const ready = this.#wokeUp(of, CALL, tell)
    if (ready !== undefined) this.#loop.becameReady(ready, this.#currentTask())
  }

  told(what: string, tell: () => void): boolean {
    const touched = this.#touched === null ? 'goes on' : `${this.#touch} ${nameOf(this.#touched)}`
    const ready = this.#isToBeTold(what === '' ? touched : what, tell)
    this.#touched = null
    return what !== YIELD && what !== TURN && this.#loop.becameReady(ready, this.#currentTask())
  }

  spawn(body: () => unknown, kind = 'task', f: Function = body, follows = false): void {
    this.begin(this.#names.taskName(kind, f), body, this.#loop.fail, undefined, follows)
  }

  arm(alarm: Alarm): void {
    this.#time.timers.arm(alarm)
  }

  disarm(alarm: Alarm): void {
    this.#time.timers.disarm(alarm)
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
    return this.#waitFor('settled', 'all others', (tell) => this.#time.whenSettled(tell))
  }

  advance(ms: number): Promise<void> {
    return this.#waitFor('advance', `${ms} ms`, (tell) => this.#time.whenAdvanced(ms, tell))
  }

  /** A wait of the current task that ends with the call of what `begin` is given. */
  #waitFor(verb: string, name: string, begin: (tell: () => void) => void): Promise<void> {
    const operation = new Operation(verb, [{ verb, on: { name } }], this.#currentTask(), this.now())
    return new Promise((resolve) => {
      this.waits(operation)
      begin(() => void this.#wokeUp(operation, '', resolve))
    })
  }

  /** The current task waits for `task` until the function that is returned is called. */
  join(task: Task): (tell: () => void) => void {
    const cases = [{ verb: 'join', on: task }]
    // When a promise is awaited, the task that does so is not on the stack: where the other was started has to do.
    const joining = new Operation('join', cases, this.#currentTask(), this.now(), task.startedAt)
    this.waits(joining)
    joining.task!.joins++
    return (tell) => {
      const ready = this.#wokeUp(joining, '', tell)
      if (ready !== undefined) this.#loop.becameReady(ready, this.#currentTask())
    }
  }

  /** The current task awaits one that has ended. */
  joinEnded(): void {
    this.#currentTask().endedJoins++
  }

  log(text: string): void {
    this.#options.trace?.(this.#currentTask().name, `logs ${text}`, '')
  }

  #currentTask(): Task {
    return currentTask() ?? this.#clock
  }

  /** Those who still waited at the end are told nothing any more. */
  #wokeUp(operation: Operation, what: string, tell: () => void): Ready | undefined {
    if (this.#isOver) return undefined
    return this.#roster.wokeUp(operation, operation.task ?? this.#currentTask(), what, tell)
  }

  #isToBeTold(what: string, tell: () => void): Ready {
    return this.#roster.isToBeTold(this.#currentTask(), what, tell)
  }
}

/** Not a seed that a search would have: dice that fall as the search chooses would undo its choices. */
const DICE = 0x9e3779b9
