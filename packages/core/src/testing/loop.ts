import type { BubbleOptions } from './bubble-options.ts'
import { runAs } from './current.ts'
import { DeadlockError, EndlessError } from './errors.ts'
import { host } from './host.ts'
import { isUnderWay, outsideNow, pause } from './outside.ts'
import { JOIN_HOPS, OwnAwaits } from './own-awaits.ts'
import { type Ready, isCall } from './ready.ts'
import { reportOn } from './report.ts'
import type { Roster } from './roster.ts'
import { STARTS, type Task, type World } from './task.ts'
import type { VirtualTime } from './virtual-time.ts'

/**
 * Runs a simulation, a step at a time: tells one who is ready, lets all follow from that, and decides anew.
 *
 * Invariants:
 * 1. Between two steps no microtask is left: a step is all that follows from one wake-up, or from several in a burst.
 * 2. The clock stands still while anybody is ready, or waits for something outside that may come. Of the timers that
 *    are due at its moment each rings at a step of its own, before others go on or between them.
 */
export class Loop {
  readonly #world: World
  readonly #options: BubbleOptions
  readonly #roster: Roster
  readonly #time: VirtualTime
  /** The task of what the simulation does by itself: timers, and the cancel. */
  readonly #clock: Task
  readonly #invariants: (() => unknown)[] = []
  #steps = 0
  #momentsSinceEnd = 0
  #failure: { error: unknown } | null = null
  #isCanceled = false
  /** Whether the body returned, and the context was cancelled for it. */
  #hasEnded = false
  readonly ownAwaits = new OwnAwaits()
  /** Cancels the context of the simulation. */
  cancel: (cause?: unknown) => void = () => {}

  constructor(world: World, clock: Task, options: BubbleOptions, roster: Roster, time: VirtualTime) {
    this.#world = world
    this.#clock = clock
    this.#options = options
    this.#roster = roster
    this.#time = time
  }

  /** The first failure ends it all. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= { error }
  }

  addInvariant(check: () => unknown): void {
    this.#invariants.push(check)
  }

  /** Resolves when all tasks are done; rejects with a failure, or when nobody can go on. */
  async toTheEnd(): Promise<void> {
    const roster = this.#roster
    for (;;) {
      await host.turn()
      this.#check()
      this.ownAwaits.turnEnds()
      if (!this.#hasEnded && roster.mainIsDone) {
        this.#hasEnded = true
        runAs(this.#clock, () => this.cancel())
      } else if (roster.isAnybodyReady || this.#time.isAnyDue) {
        this.#step()
      } else if (roster.isFinished) {
        return
      } else if (!(await this.#heardOfOutside(roster.unseen())) && !this.#goOn()) {
        // Nothing but the outside could help now, and it may: a callback of the host sends to a channel, say.
        if (isUnderWay(this.#world) !== true || !(await this.#heardOfOutside(roster.tasks))) {
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
        this.fail(error)
      }
      const isLate = holds instanceof Promise
      if (holds === false || isLate) {
        const how = isLate ? 'has to be checked at once' : 'does not hold'
        const text = `Cannot go on: an invariant ${how}: ${String(check)}`
        this.fail(Object.assign(new Error(text), { code: 'ERR_INVARIANT' }))
      }
    }
    if (this.#failure !== null) throw this.#failure.error
    if (this.#steps > this.#options.maxSteps) throw new EndlessError(this.#options.maxSteps)
  }

  /** The clock's turn is the first choice, as in real time: all that are due together ring before anybody is told. */
  #step(): void {
    this.#steps++
    // When all waited, the chooser was asked before the clock went on.
    if (this.#roster.isAnybodyReady && this.#cancelsHere()) return
    const { chooser, bursts } = this.#options
    const candidates = this.#roster.candidates()
    const rings = this.#time.isAnyDue ? 1 : 0
    const tasks = candidates.map(({ task }) => task)
    if (rings > 0) tasks.unshift(this.#clock)
    const count = tasks.length + (bursts && candidates.length > 1 ? 1 : 0)
    const numbers = tasks.map(({ number }) => number)
    const chosen = count === 1 ? 0 : chooser.choose(count, 'next', numbers)
    if (chosen < rings) return this.#ring()
    const next = candidates[chosen - rings]
    if (next === undefined) {
      for (const ready of candidates)
        this.#tell(ready, ready === candidates[0] ? '' : ' in the same turn', true)
    } else this.#tell(next)
  }

  /**
   * Someone is ready because of what `by` did, who runs. With bursts it may go on in the same turn, as it would outside
   * of a simulation, if there is anybody to take turns with. Returns whether it does.
   */
  becameReady(ready: Ready, by: Task): boolean {
    const { bursts, overlaps, chooser } = this.#options
    if (!bursts || by === this.#clock) return false
    const { task } = ready
    // What is called runs beside the task that it counts for, which goes on unless it waits.
    const runsBesideItself = isCall(ready) ? task.pending === 1 : overlaps
    if (!runsBesideItself && !this.#runsBeside(task)) return false
    if (chooser.choose(2, 'wake') === 0) return false
    this.goesOnHere(ready)
    return true
  }

  /** `by` started a task, which may begin in the same turn: not in the call that starts it, but a hop later. */
  wasStarted(ready: Ready, by: Task): void {
    if (!this.#options.bursts || by === this.#clock) return
    // By then it shows whether `by` waits, or goes on over something of its own.
    void HOP.then(() => this.becameReady(ready, ready.task))
  }

  /** Tells somebody in the turn that runs. That counts as a step: a task may poll for ever without another. */
  goesOnHere(ready: Ready): void {
    this.#steps++
    this.#tell(ready, ' in the same turn')
  }

  /** Whether anybody but `task` may go on before the next step: those who wait for nothing that is known. */
  #runsBeside(task: Task): boolean {
    return this.#roster.unseen().some((other) => other !== task)
  }

  /** Cancels the context if the chooser says so: asked before each step, and when all wait. Returns whether it did. */
  #cancelsHere(): boolean {
    if (!this.#options.cancels || this.#isCanceled || this.#hasEnded) return false
    if (this.#options.chooser.choose(2, 'cancel') === 0) return false
    this.#isCanceled = true
    this.#options.trace?.('clock', 'cancels t.ctx', '')
    runAs(this.#clock, () => this.cancel(`canceled by the exploration before step ${this.#steps}`))
    return true
  }

  /**
   * @param how added to the line of the trace
   * @param isBurst whether others are told with it: a task that begins then does so when those who wait go on, in order
   */
  #tell(ready: Ready, how = '', isBurst = false): void {
    const { task, what, operation, tell } = ready
    this.#roster.goesOn(ready)
    if (this.#options.trace !== undefined) {
      const { operation: verb, channel } = operation?.describe(this.#time.now) ?? {
        operation: what,
        channel: '',
      }
      const text = operation === undefined ? what : `goes on after ${verb} ${channel}`
      this.#options.trace(task.name, text + how, operation === undefined ? '' : operation.at.toString())
    }
    const goesOn = (): void => {
      runAs(task, tell)
      // With overlaps all is known that there is to find out.
      if (!this.#options.overlaps) this.ownAwaits.goesOn(task, hopsUntil(ready, how !== ''))
    }
    if (isBurst && what === STARTS) void HOP.then(goesOn)
    else goesOn()
  }

  /** Everybody waits, and nothing is due: does what comes of that. Returns whether anything did. */
  #goOn(): boolean {
    const at = this.#time.timers.nextAt
    if (this.#time.settle() || this.#cancelsHere() || this.#time.advanceBefore(at)) return true
    if (at === Infinity || (this.#hasEnded && ++this.#momentsSinceEnd > this.#mostMoments)) return false
    this.#time.goTo(at)
    return true
  }

  /** Rings one of the timers that are due. */
  #ring(): void {
    const { timers } = this.#time
    const due = timers.dueAt(timers.nextAt)
    const alarm = due[due.length === 1 ? 0 : this.#options.chooser.choose(due.length, 'timer')]!
    timers.disarm(alarm)
    runAs(this.#clock, () => alarm.ring())
  }

  /** Waits for the outside, in real time, while it may still wake one of `tasks`. Returns whether anything happened. */
  async #heardOfOutside(tasks: readonly Task[]): Promise<boolean> {
    if (tasks.length === 0) return false
    const { externalTimeoutMs, patience } = this.#options
    const before = tasks.map(({ pending }) => pending)
    const start = outsideNow()
    for (let turns = 0; ; turns++) {
      await (turns < TURNS ? host.turn() : pause(1))
      this.#check()
      if (this.#roster.isAnybodyReady) return true
      if (tasks.some(({ isDone, pending }, i) => isDone || pending !== before[i])) return true
      const waitedMs = outsideNow() - start
      const mayCome = isUnderWay(this.#world)
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

  /** How often the clock goes on to a timer once the body returned: a ticker must not ring for ever. */
  get #mostMoments(): number {
    return Math.min(MOMENTS, Math.ceil(this.#options.maxSteps / STEPS_PER_MOMENT))
  }

  #deadlock(): DeadlockError {
    const time = `virtual time ${this.#time.now} ms`
    if (!this.#hasEnded) {
      return new DeadlockError(
        'blocked',
        `Cannot go on: all tasks are asleep - deadlock! (${time})`,
        this.report(),
      )
    }
    const { tasks, waiting } = this.#roster
    const names = new Set([...tasks, ...waiting.map(({ task }) => task)])
    const count = names.size === 1 ? '1 task is' : `${names.size} tasks are`
    const text =
      this.#momentsSinceEnd > this.#mostMoments
        ? `${this.#mostMoments} times the clock went on to a timer since the body returned, and ${count} still`
        : `the body has returned, but ${count}`
    return new DeadlockError('leak', `Cannot end: ${text} blocked (${time})`, this.report())
  }

  /** The operations that wait, and the tasks of which nothing is known. */
  report(): ReturnType<typeof reportOn> {
    return reportOn(this.#roster.waiting, this.#time.now, this.#roster.unseen())
  }
}

/** How many hops after it was told a task goes on. Who is told while it calls has to await that first. */
function hopsUntil({ what, operation }: Ready, isHere: boolean): number {
  if (what === STARTS) return 0
  if (operation === undefined) return isHere ? 2 : 1
  return operation.verb === 'join' ? JOIN_HOPS : 1
}

const HOP = Promise.resolve()
/** More than most programs need to come to their end, and few enough to take less than a second. */
const MOMENTS = 10_000
/**
 * More than a ticker takes. One that nobody stops has to be reported well before `maxSteps` are over: a search takes a
 * run of so many steps for bad luck, not for a failure.
 */
const STEPS_PER_MOMENT = 10
/** Turns of the host, in which all that takes no more than a turn comes through. */
const TURNS = 3
