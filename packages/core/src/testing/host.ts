import { type Alarm, Alarms } from '../internal/alarms.ts'
import type { Observer, WaitingCase } from '../internal/observer.ts'
import { type Settleable, runtime } from '../internal/runtime.ts'
import { alarms } from '../internal/timers.ts'
import { currentTask, leaveTasks, runAs } from './current.ts'
import { locks } from './locks.ts'
import { Numbers, isChannel } from './names.ts'
import { TURN, YIELD } from './ready.ts'
import { Operation, Task, type World } from './task.ts'

/*
 * What stands in for the library's runtime once this module is loaded, and for good: methods of the shared runtime
 * object that ask the simulation of the current task, and where there is none do what they did before. Nothing of the
 * engine is changed for it, so that without this module it pays for nothing but the look at `runtime.observer`.
 */

/** The runtime as it was: what a simulation itself runs on. */
export const host = {
  wake: runtime.wake.bind(runtime),
  succeeded: runtime.succeeded.bind(runtime) as <T>(result: T) => Promise<T>,
  done: runtime.done.bind(runtime),
  failed: runtime.failed.bind(runtime),
  pick: runtime.pick.bind(runtime),
  now: runtime.now.bind(runtime),
  epochNow: runtime.epochNow.bind(runtime),
  spawn: runtime.spawn.bind(runtime),
  turn: runtime.turn.bind(runtime),
  alarms: alarms(),
}

/** The operations that wait outside of simulations. */
const waiting = new Set<Operation>()
const operations = new WeakMap<object, Operation>()
const unreachable = new FinalizationRegistry<Operation>((operation) => {
  if (waiting.delete(operation)) for (const report of watches) report(operation)
})
const watches = new Set<(operation: Operation) => void>()
const scopes = new Set<Scope>()
/** Of tasks and locks outside of simulations. */
const numbers = new Numbers()

/** Somebody who counts what is begun and not ended outside of simulations. */
export interface Scope {
  armed(alarm: Alarm): void
  listens(target: object): void
  unlistens(target: object): void
  began(task: Task): void
}

export function waitingOperations(): Operation[] {
  return [...waiting]
}

/** Tells `report` of operations that became unreachable while they waited. Returns what stops it. */
export function watchUnreachable(report: (operation: Operation) => void): () => void {
  watches.add(report)
  return () => void watches.delete(report)
}

export function addScope(scope: Scope): () => void {
  scopes.add(scope)
  return () => void scopes.delete(scope)
}

function world(): World | null {
  return currentTask()?.world ?? null
}

function told<T>(
  what: string,
  promise: (resolve: (result: T) => void, reject: (e: unknown) => void) => void,
) {
  let isTold = false
  const outcome = new Promise<T>((resolve, reject) => {
    isTold = world()!.told(what, () => promise(resolve, reject))
  })
  if (isTold) toldInTurn.add(outcome)
  return outcome
}
/** Outcomes that were told in the turn that they came about in. */
const toldInTurn = new WeakSet<Promise<unknown>>()

const standIn = {
  wake(operation: Settleable, outcome: unknown): void {
    const known = operations.get(operation)
    const owner = known === undefined ? world() : known.world
    if (known !== undefined) {
      operations.delete(operation)
      waiting.delete(known)
    }
    if (owner === null) host.wake(operation, outcome)
    else owner.wake(operation, outcome, known)
  },
  succeeded<T>(result: T): Promise<T> {
    if (world() === null) return host.succeeded(result)
    return told('', (resolve) => resolve(result))
  },
  done(): Promise<void> {
    return world() === null ? host.done() : standIn.succeeded(undefined)
  },
  failed(error: unknown): Promise<never> {
    if (world() === null) return host.failed(error)
    return told('fails', (_, reject) => reject(error))
  },
  turn(isLast = false): Promise<void> {
    if (world() === null) return host.turn()
    return told(isLast ? TURN : YIELD, (resolve) => resolve(undefined))
  },
  pick(count: number): number {
    return world()?.pick(count) ?? host.pick(count)
  },
  now(): number {
    return world()?.now() ?? host.now()
  },
  epochNow(): number {
    return world()?.epochNow() ?? host.epochNow()
  },
  spawn(body: () => unknown, kind = 'task', f: Function = body, start?: Promise<void>): void {
    const here = world()
    if (here !== null) {
      if (start === undefined) return here.spawn(body, kind, f)
      const follows = toldInTurn.has(start)
      void start.then(() => here.spawn(body, kind, f, follows))
      return
    }
    const task = new Task(numbers.taskName(kind, f), null, currentTask())
    const run = (): Promise<unknown> => {
      // Only now: a task that never started is not left behind.
      for (const scope of scopes) scope.began(task)
      const end = runAs(task, async () => {
        try {
          return await body()
        } finally {
          task.isDone = true
        }
      })
      // Where the host does not tell which task runs, nobody knows once this one waits.
      leaveTasks()
      return end
    }
    host.spawn(run, kind, f, start)
  },
}

/** The alarms of whoever sets them: of the simulation of the current task, or the host's. */
class DividedAlarms extends Alarms {
  readonly #worlds = new WeakMap<Alarm, World>()

  override nextSequence(): number {
    return host.alarms.nextSequence()
  }

  override arm(alarm: Alarm): void {
    const here = world()
    if (here !== null) {
      this.#worlds.set(alarm, here)
      here.arm(alarm)
      return
    }
    this.#worlds.delete(alarm)
    host.alarms.arm(alarm)
    for (const scope of scopes) scope.armed(alarm)
  }

  override disarm(alarm: Alarm): void {
    const owner = this.#worlds.get(alarm)
    if (owner === undefined) host.alarms.disarm(alarm)
    else owner.disarm(alarm)
  }

  // A simulation keeps the process alive by itself.
  override hold(): void {
    if (world() === null) host.alarms.hold()
  }

  override release(): void {
    if (world() === null) host.alarms.release()
  }
}

const observer: Observer = {
  made(thing: object): void {
    const here = world()
    if (here !== null) here.made(thing)
    else if (!isChannel(thing)) numbers.number(thing)
  },
  waits(waiter: object, verb: string, cases: readonly WaitingCase[]): void {
    const operation = new Operation(verb, cases, currentTask(), runtime.now())
    operations.set(waiter, operation)
    if (operation.world !== null) return operation.world.waits(operation)
    waiting.add(operation)
    unreachable.register(waiter, operation)
  },
  movedOn(operation: object, to: WaitingCase): void {
    operations.get(operation)?.moveOn(to)
  },
  acquired(lock: object, hold: unknown, operation: object | null): void {
    locks.acquired(lock, hold, operation === null ? currentTask() : (operations.get(operation)?.task ?? null))
  },
  released(lock: object, hold: unknown): void {
    locks.released(lock, hold)
  },
  listens(target: object): void {
    if (world() === null) for (const scope of scopes) scope.listens(target)
  },
  unlistens(target: object): void {
    for (const scope of scopes) scope.unlistens(target)
  },
}

Object.assign(runtime, standIn, { alarms: new DividedAlarms(host.now), observer })
