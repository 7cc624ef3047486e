import {
  CanceledError,
  DeadlineExceededError,
  describe,
  isDeadlineExceeded,
  withoutStack,
} from '../errors.ts'
import { Cancellation, type ForeignOrigin, asInherited } from './cancellation.ts'
import { runtime } from './runtime.ts'

/** Anything that can stop a wait: a `Context`, an `AbortController`, `{ signal }`. */
export interface Cancel {
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
  // The one place that runs the user's code (a getter, perhaps), before anything was touched.
  const signal = given?.signal
  if (isAbortSignal(signal)) return foreignCancellation(signal)
  const hint = isAbortSignal(given) ? 'an AbortSignal: pass { signal }' : describe(given)
  throw new TypeError(
    `Cannot follow a cancel that is not a Context, an AbortController or { signal }: ${hint}`,
  )
}

/** The same where a wait may be given no cancel. */
export function optionalCancellationOf(cancel: Cancel | undefined): Cancellation | null {
  return cancel === undefined ? null : cancellationOf(cancel)
}

/** The same for a context: not the node of a foreign signal but the one child of it that all contexts share. */
export function contextCancellationOf(cancel: Cancel): Cancellation | null {
  const node = cancellationOf(cancel)
  return node instanceof ForeignCancellation ? node.context : node
}

/**
 * The one node that stands for a foreign signal, with one listener on it however many wait: the platform
 * scans all listeners of a signal for each that is added, which is quadratic for a listener per wait.
 *
 * Invariant: the listener is there while a wait, a receiver or a child is, and only then.
 */
class ForeignCancellation extends Cancellation implements ForeignOrigin {
  readonly #signal: AbortSignal
  #isAborted = false
  #context: ForeignContext | undefined
  override readonly origin: ForeignOrigin = this

  constructor(signal: AbortSignal) {
    super(null)
    this.followsHost = true
    this.#signal = signal
  }

  /** Waits under a context reject with its error, those right under the signal with the signal's reason. */
  get context(): Cancellation {
    return (this.#context ??= new ForeignContext(this))
  }

  readonly #aborted = (): void => this.observe('now')

  observe(signals: 'now' | 'later'): void {
    if (this.#isAborted || !this.#signal.aborted) return
    // Before the look at the reason, which may run a getter that comes back here.
    this.#isAborted = true
    const reason: unknown = this.#signal.reason
    const isDeadline = isDeadlineExceeded(reason)
    const error = withoutStack(() =>
      isDeadline ? new DeadlineExceededError(runtime.epochNow(), reason) : new CanceledError(reason),
    )
    if (this.#context?.isChild === false) this.adopt(this.#context)
    this.end({ error, reason, cause: reason }, signals)
  }

  protected override becameBusy(): void {
    this.#signal.addEventListener('abort', this.#aborted)
    if (runtime.observer !== null) runtime.observer.listens(this.#signal)
  }

  protected override becameIdle(): void {
    this.#signal.removeEventListener('abort', this.#aborted)
    if (runtime.observer !== null) runtime.observer.unlistens(this.#signal)
  }

  /** A child has no other way to learn of the signal in time. */
  protected override get hasToTellChildren(): boolean {
    return true
  }
}

/**
 * What all contexts right under a foreign signal share. It is a child of the signal's node only while something
 * depends on it, for nobody ever cancels it: as a lasting child it would keep the listener for ever.
 */
class ForeignContext extends Cancellation {
  readonly #above: ForeignCancellation
  override readonly origin: ForeignOrigin

  constructor(above: ForeignCancellation) {
    super(null)
    this.followsHost = true
    this.#above = above
    this.origin = above
    const ended = above.poll()
    if (ended !== null) this.ended = asInherited(ended)
  }

  protected override becameBusy(): void {
    this.#above.adopt(this)
  }

  protected override becameIdle(): void {
    if (this.isChild) this.#above.disown(this)
  }

  protected override get hasToTellChildren(): boolean {
    return true
  }
}

const foreignCancellations = new WeakMap<AbortSignal, ForeignCancellation>()

function foreignCancellation(signal: AbortSignal): ForeignCancellation {
  let node = foreignCancellations.get(signal)
  if (node === undefined) foreignCancellations.set(signal, (node = new ForeignCancellation(signal)))
  return node
}

// By its parts, for a signal may come from another realm.
function isAbortSignal(value: unknown): value is AbortSignal {
  const signal = value as Partial<AbortSignal> | null | undefined
  return typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'
}
