/**
 * Who watches the library at work: `chansel/testing`, where it was loaded, and otherwise nobody. `runtime.observer` is
 * then null, and that look at it is all that the engine pays.
 *
 * Each call is part of the step of an operation: it MUST NOT run the user's code, and MUST NOT throw.
 */
export interface Observer {
  /** A channel was made. */
  made(channel: object): void
  /** `operation`, which the runtime will be asked to `wake`, begins to wait; on `cases`, one but for a select. */
  waits(operation: object, verb: string, cases: readonly WaitingCase[]): void
  /** The current task holds `lock`, or a part of it. */
  acquired(lock: object): void
  /** Somebody, mostly the current task, let go of `lock`, or a part of it. */
  released(lock: object): void
  /** A listener was added to `target`, and taken off again. */
  listens(target: object): void
  unlistens(target: object): void
}

/** What an operation waits for; `on` is a channel, a clock, a lock, or whatever else stands in its way. */
export interface WaitingCase {
  readonly verb: string
  readonly on: object
}
