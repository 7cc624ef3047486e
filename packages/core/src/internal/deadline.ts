import { type CanceledError, DeadlineExceededError, withoutStack } from '../errors.ts'
import type { Alarm } from './alarms.ts'
import type { Ended } from './cancellation.ts'
import { runtime } from './runtime.ts'
import { alarms } from './timers.ts'

/** How a context ended: what it says in `err`, and in `cause`. */
export interface ContextEnded extends Ended {
  readonly reason: CanceledError | DeadlineExceededError
  readonly cause: unknown
}

/** @param cause what the program said, if it said anything */
export function endedBy(make: () => CanceledError | DeadlineExceededError, cause: unknown): ContextEnded {
  const reason = withoutStack(make)
  return { reason, cause: cause === undefined ? reason : cause }
}

/** What a deadline ends; `signals` says when the signals that follow it are told. */
export interface Expiring {
  expire(signals: 'now' | 'later'): void
}

/**
 * A deadline and the cancellation that it ends.
 *
 * Its alarm is armed when something first waits under it and then stays armed: arming anew for each wait
 * costs more than the wait. But it keeps the process alive only while something waits.
 */
export class Deadline implements Alarm {
  slot = -1
  readonly sequence: number = alarms().nextSequence()
  /** What it ends, once that is made. There is nothing if a deadline further up comes first. */
  owner: Expiring | null = null
  readonly at: number
  readonly epochMs: number
  readonly #cause: unknown
  #holds = 0

  constructor(at: number, epochMs: number, cause: unknown) {
    this.at = at
    this.epochMs = epochMs
    this.#cause = cause
  }

  hasPassed(): boolean {
    return runtime.now() >= this.at
  }

  /** What its owner ends with when it passes. Asked for once. */
  get ended(): ContextEnded {
    return endedBy(() => new DeadlineExceededError(this.epochMs, this.#cause), this.#cause)
  }

  ring(): void {
    this.owner!.expire('now')
  }

  hold(): void {
    if (this.#holds++ > 0) return
    alarms().hold()
    if (this.slot < 0) alarms().arm(this)
  }

  release(): void {
    if (--this.#holds === 0) alarms().release()
  }

  /** Its owner ended, by itself or otherwise. */
  disarm(): void {
    alarms().disarm(this)
  }
}
