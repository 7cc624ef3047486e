import type { Alarm } from '../internal/alarms.ts'
import type { WaitingCase } from '../internal/observer.ts'
import type { Settleable } from '../internal/runtime.ts'
import { describeTarget } from './describe.ts'
import { givenName } from './names.ts'
import { type Place, Site, nowhere } from './site.ts'

/**
 * A line of execution that a report can name. Outside of simulations it has a name and nothing else.
 *
 * Invariant: `pending` counts the operations of this task that wait, and those whose outcome it was not told yet.
 */
export class Task {
  /** Where it stands among all tasks, by their start. */
  readonly order: number = begun++
  readonly name: string
  /** Where it was started. */
  readonly startedAt: Place
  readonly #world: World | null
  readonly #parent: Task | null
  /** Its place among all that began in its simulation; -1 for the clock's. */
  number = -1
  isDone = false
  pending = 0
  /** Those of them that wait for other tasks. */
  joins = 0
  /** How often it awaited a task that had ended by then. */
  endedJoins = 0
  /** How many promises it made, where the host tells: a task that makes one is running. */
  promises = 0

  /** @param parent the task that started it */
  constructor(name: string, world: World | null, parent: Task | null = null) {
    this.#parent = parent
    this.name = name
    this.#world = world
    this.startedAt = world === null || world.notesSites ? new Site(world === null) : nowhere
  }

  /** Its simulation. A task that still runs when that has ended is in none: nobody there would tell it anything. */
  get world(): World | null {
    return this.#world?.isOver === true ? null : this.#world
  }

  /** Whether `task` is this one, or started it, or started what did. */
  isUnder(task: Task): boolean {
    return this === task || this.#parent?.isUnder(task) === true
  }
}

let begun = 0

/** What a task does at its first step. */
export const STARTS = 'starts'

/** An operation that waits, for reports. */
export interface WaitingOperation {
  /** `receive`, `send`, `select`, `sleep`, `lock`, `join` … */
  readonly operation: string
  /** The name of what it waits for; of a select, the names of its channels. */
  readonly channel: string
  /** How full that is, who holds it, when it is due: whatever there is to know. */
  readonly state: string
  /** The name of the task, `main` for what no task does. */
  readonly task: string
  /** `file:line:column` of the call. */
  readonly at: string
  /** For how long it has waited, in ms. */
  readonly sinceMs: number
}

/** What is known of an operation from when it begins to wait. */
export class Operation {
  readonly task: Task | null
  /** Where it began to wait, and so who tells its outcome, if anybody does. */
  readonly world: World | null
  readonly since: number
  readonly at: Place
  #verb: string
  #cases: readonly HeldCase[]

  /**
   * @param since in ms of the clock that its waiting is measured by
   * @param at where, if not in what is called now
   */
  constructor(verb: string, cases: readonly WaitingCase[], task: Task | null, since: number, at?: Place) {
    this.#verb = verb
    this.task = task
    this.since = since
    const world = task?.world ?? null
    this.world = world
    this.at = at ?? (world === null || world.notesSites ? new Site(world === null) : nowhere)
    this.#cases = cases.map((one) => held(one, world))
  }

  get verb(): string {
    return this.#verb
  }

  /** From now on it waits for something else. */
  moveOn(to: WaitingCase): void {
    this.#verb = to.verb
    this.#cases = [held(to, this.world)]
  }

  /** The one thing that it waits for; `undefined` for a select. */
  get target(): object | undefined {
    return this.#cases.length === 1 && this.verb !== 'select' ? this.#cases[0]!.target.deref() : undefined
  }

  /** What it waits for, in words. */
  describe(now: number): { operation: string; channel: string; state: string } {
    const cases = this.#cases.map(({ verb, name, target }) => {
      const on = target.deref()
      return {
        verb,
        ...(on === undefined ? { name: name ?? 'something', state: 'gone' } : describeTarget(on, now)),
      }
    })
    return {
      operation: this.verb,
      channel: cases.map(({ name }) => name).join(', ') || 'no case',
      state:
        this.verb === 'select'
          ? cases.map(({ verb, name, state }) => `${verb} ${name}${state && `: ${state}`}`).join('; ')
          : cases.map(({ state }) => state).join(''),
    }
  }

  /** The operation as reports have it. */
  reported(now: number): WaitingOperation {
    return {
      ...this.describe(now),
      task: this.task?.name ?? 'main',
      at: this.at.toString(),
      sinceMs: now - this.since,
    }
  }
}

function held({ verb, on }: WaitingCase, world: World | null): HeldCase {
  // What a program that is not simulated waits for must stay collectable.
  return { verb, name: givenName(on), target: world === null ? new WeakRef(on) : { deref: () => on } }
}

interface HeldCase {
  readonly verb: string
  /** Kept here: what has the name may be gone when it is asked for. */
  readonly name: string | undefined
  readonly target: { deref(): object | undefined }
}

/** What the library asks of its runtime while a task of a simulation runs. */
export interface World {
  /** Whether to note where operations are called: it takes longer than they do. */
  readonly notesSites: boolean
  readonly isOver: boolean
  now(): number
  epochNow(): number
  pick(count: number): number
  /** @param of what was known of the operation while it waited, if it did */
  wake(operation: Settleable, outcome: unknown, of: Operation | undefined): void
  /** An operation had its outcome at once; `tell` tells its caller. Returns whether it did so in the same turn. */
  told(what: string, tell: () => void): boolean
  /** @param follows whether it begins because something was told in the same turn: then it does, too */
  spawn(task: () => unknown, kind?: string, f?: Function, follows?: boolean): void
  arm(alarm: Alarm): void
  disarm(alarm: Alarm): void
  waits(operation: Operation): void
  made(thing: object): void
  /** Resolves when all other tasks wait. */
  settled(): Promise<void>
}
