/**
 * Who watches the library at work: `chansel/testing` where it was loaded, otherwise nobody. Then `runtime.observer` is
 * null, and to look at that is all that the engine pays.
 *
 * Each call is part of the step of an operation: it MUST NOT run the user's code, and MUST NOT throw.
 */
export interface Observer {
  /** A channel or a lock was made. */
  made(thing: object): void
  /** `operation`, which the runtime will be asked to `wake`, begins to wait on `cases`: one, unless it is a select. */
  waits(operation: object, verb: string, cases: readonly WaitingCase[]): void
  /** `operation`, which waits, goes on to wait for something else. */
  movedOn(operation: object, to: WaitingCase): void
  /**
   * `lock`, or a part of it, is held: by the task whose `operation` waited for it and is about to be woken, or by the
   * current one. `hold` tells it from the other parts.
   */
  acquired(lock: object, hold: unknown, operation: object | null): void
  /** Somebody let go of that part. */
  released(lock: object, hold: unknown): void
  /** A listener was added to `target`, and taken off again. */
  listens(target: object): void
  unlistens(target: object): void
}

/** What an operation waits for; `on` is a channel, a clock, a lock, or whatever else stands in its way. */
export interface WaitingCase {
  readonly verb: string
  readonly on: object
}
