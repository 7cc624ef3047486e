import { describe } from '../errors.ts'
import { Cancellation } from './cancellation.ts'
import { runtime } from './runtime.ts'

/** Anything that can stop a wait: a `Context`, an `AbortController`, `{ signal }`. */
export interface Cancel {
  /** When it aborts, the wait rejects with its `reason`. A bare `AbortSignal` is not a `Cancel`: pass `{ signal }`. */
  readonly signal: AbortSignal
}

/**
 * Where a `Context` of this copy of the package keeps its cancellation; `null` if it is never cancelled.
 * Not from the registry: contexts of another copy are followed through their signal.
 */
export const CANCELLATION: unique symbol = Symbol('cancellation')

/**
 * What stops a wait that was given `cancel`; `null`: nothing will.
 *
 * @throws TypeError if `cancel` cannot stop anything
 */
export function cancellationOf(cancel: Cancel): Cancellation | null {
  const given: { [CANCELLATION]?: Cancellation | null; signal?: unknown } | null | undefined = cancel
  const own = given?.[CANCELLATION]
  if (own !== undefined) return own
  // The one place where a cancel runs the user's code (a getter, perhaps), before anything is touched.
  const signal = given?.signal
  if (isAbortSignal(signal)) return foreignCancellation(signal)
  const hint = isAbortSignal(given) ? 'an AbortSignal: pass { signal }' : describe(given)
  throw new TypeError(
    `Cannot follow a cancel that is not a Context, an AbortController or { signal }: ${hint}`,
  )
}

/** The same for a cancel that need not be given. */
export function optionalCancellationOf(cancel: Cancel | undefined): Cancellation | null {
  return cancel === undefined ? null : cancellationOf(cancel)
}

/**
 * What stands for a foreign signal, with one listener on it however many wait: for each listener that is added the
 * platform scans all that there are, so one per wait would be quadratic. Waits reject with the signal's reason.
 *
 * Invariant: the listener is there while somebody waits, or the contexts have something to tell, and only then.
 */
export class ForeignCancellation extends Cancellation {
  /** The contexts under the signal, once there are any. */
  contexts: ForeignContexts | null = null
  readonly #signal: AbortSignal
  #isAborted = false

  constructor(signal: AbortSignal) {
    super(true)
    this.#signal = signal
  }

  readonly #aborted = (): void => this.observe('now')

  protected observe(signals: 'now' | 'later'): void {
    if (this.#isAborted || !this.#signal.aborted) return
    // Before the look at the reason, which may run a getter that comes back here.
    this.#isAborted = true
    let reason: unknown
    try {
      reason = this.#signal.reason
    } catch (error) {
      reason = error
    }
    this.#end(reason, signals)
  }

  #end(reason: unknown, signals: 'now' | 'later'): void {
    const { contexts } = this
    contexts?.mark(reason)
    this.ended = { reason }
    this.failWaits()
    contexts?.tell(signals)
  }

  // A signal of somebody else's making may throw, which must not leave an operation half done: one that cannot be
  // listened to has ended, and what it threw is the reason.
  protected becameBusy(): void {
    try {
      this.#signal.addEventListener('abort', this.#aborted)
      runtime.observer?.listens(this.#signal)
    } catch (error) {
      this.#isAborted = true
      this.#end(error, 'later')
    }
  }

  protected becameIdle(): void {
    try {
      this.#signal.removeEventListener('abort', this.#aborted)
      runtime.observer?.unlistens(this.#signal)
    } catch (error) {
      void Promise.reject(error)
    }
  }
}

/** All contexts under a foreign signal. They and it are marked as ended before anybody who waits on either is told. */
export interface ForeignContexts {
  mark(reason: unknown): void
  tell(signals: 'now' | 'later'): void
}

const foreignCancellations = new WeakMap<AbortSignal, ForeignCancellation>()

function foreignCancellation(signal: AbortSignal): ForeignCancellation {
  let made = foreignCancellations.get(signal)
  if (made === undefined) foreignCancellations.set(signal, (made = new ForeignCancellation(signal)))
  return made
}

/** By its parts: a signal may come from another realm. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  const signal = value as Partial<AbortSignal> | null | undefined
  return typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'
}
