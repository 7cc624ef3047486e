import type { Cancellation } from './cancellation.ts'
import { NOTHING, Waiter } from './waiter.ts'

/**
 * Someone who waits and is not a task, but is called with the outcome in the very step that fixes it: a stream's read
 * or a foreign select, which must not change its mind between the two.
 *
 * What it is told to do is part of another operation: it MUST NOT throw, or call the end it waits in.
 */
export interface Listening {
  value?(value: unknown): void
  end?(): void
  failed?(error: unknown): void
  accepted?(): void
}

/**
 * A waiter that is listened to.
 *
 * Invariant: like any waiter it leaves its queue and its cancellation in the step in which it is told, before the call.
 * So it can be parked again.
 */
export class Listener extends Waiter {
  readonly #listening: Listening

  constructor(listening: Listening, value?: unknown) {
    super(null, NOTHING, value)
    this.#listening = listening
  }

  override deliver(value: unknown): void {
    this.withdraw()
    this.#listening.value!(value)
  }

  override end(): void {
    this.withdraw()
    this.#listening.end!()
  }

  override accept(): void {
    this.withdraw()
    this.#listening.accepted!()
  }

  override fail(error: unknown): void {
    this.withdraw()
    this.#listening.failed!(error)
  }
}

/**
 * Calls `f` with the reason in the step in which `cancellation` ends. Only after `poll` said that it has not.
 *
 * @returns what stops this
 */
export function onCancel(cancellation: Cancellation, f: (reason: unknown) => void): () => void {
  const listener = new Listener({ failed: f })
  cancellation.park(listener)
  return () => listener.withdraw()
}
