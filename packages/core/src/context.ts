import { inspectable } from '#inspect'
import type { ReceiveChannel } from './channel.ts'
import { type CanceledError, type DeadlineExceededError, describe } from './errors.ts'
import { checkTime, checkType } from './internal/check.ts'
import { ContextNode, contextNodeOf } from './internal/context-node.ts'
import { Deadline } from './internal/deadline.ts'
import { RECEIVE_END } from './internal/end.ts'
import { CANCELLATION, type Cancel, cancellationOf } from './internal/foreign.ts'
import { ReadChannel } from './internal/read-channel.ts'
import { runtime } from './internal/runtime.ts'
import { NOTHING, Waiter } from './internal/waiter.ts'
import { never } from './views.ts'

/**
 * Carries a cancel signal, a deadline and values through a tree of calls. Wherever a `Cancel` is taken, a
 * context goes; wherever the platform takes `{ signal }`, it goes, too.
 *
 * Source: Go package `context`.
 */
export interface Context extends Cancel {
  /** Closes when the context is cancelled: a case for select. */
  readonly done: ReceiveChannel<never>
  /** Why it was cancelled, `undefined` while it is not. Right the moment a deadline has passed. */
  readonly err: CanceledError | DeadlineExceededError | undefined
  /** What `cancel(cause)` or `withTimeout(…, cause)` said, else `err`. */
  readonly cause: unknown
  /** When it will be cancelled at the latest, in epoch ms. */
  readonly deadline: number | undefined
  /** Follows the context for the platform's sake; made on first use. Its reason is `err`. */
  readonly signal: AbortSignal
  /** The value of the nearest `withValue` for `key`. */
  value<T>(key: ContextKey<T>): T | undefined
}

/** A context that can be cancelled. `using` cancels it at the end of the block: Go's `defer cancel()`. */
export interface CancelContext extends Context, Disposable {
  /**
   * Cancels this context and all below it before it returns; later calls do nothing. May be taken off the context.
   *
   * @param cause kept as `cause` of the context and of its `err`; without it (`undefined`) `cause` is `err`
   */
  cancel(this: void, cause?: unknown): void
}

/** A key for `withValue`. Two keys are never the same, whatever their names. */
export interface ContextKey<in out T> {
  /** For people: two keys of one name are two keys. */
  readonly name: string
  /** Never there at run time: ties the key to the type of its value. */
  readonly valueType?: (value: T) => T
}

/**
 * A new key, with a name for people.
 *
 * Source: Go, `context.WithValue`, whose keys have a type of their own.
 *
 * @throws TypeError if the name is no string
 * @example
 * const [one, other] = [contextKey<string>('user'), contextKey<string>('user')]
 * const ctx = withValue(background(), one, 'Ada')
 * ctx.value(one) // => 'Ada'
 * ctx.value(other) // => undefined
 */
export function contextKey<T>(name: string): ContextKey<T> {
  checkType('make a context key: name', name, 'string')
  return Object.freeze({ name })
}

/**
 * The root of all contexts: never cancelled, no deadline, no values.
 *
 * Source: Go, `context.Background`.
 *
 * @example
 * background().err // => undefined
 */
export function background(): Context {
  return BACKGROUND
}

/**
 * A child of `parent` that can be cancelled on its own.
 *
 * Source: Go, `context.WithCancelCause`.
 *
 * @throws TypeError for a parent that cannot cancel anything
 * @example
 * using ctx = withCancel(background())
 * ctx.cancel('enough')
 * ctx.cause // => 'enough'
 */
export function withCancel(parent: Cancel): CancelContext {
  return new TreeCancelContext(new ContextNode(contextNodeOf(parent)), parent, 'withCancel')
}

/**
 * A child of `parent` that is cancelled after `ms` milliseconds, with a `DeadlineExceededError`. Where the
 * parent's deadline comes first that one counts, and `cause` is void.
 *
 * Source: Go, `context.WithTimeoutCause`.
 *
 * @param ms 0 or less: it is cancelled from the start; `Infinity`: only the parent's deadline counts
 * @param cause kept as the context's `cause` if the time runs out
 * @throws RangeError if `ms` is NaN
 * @example
 * using ctx = withTimeout(background(), 0, 'too slow')
 * isDeadlineExceeded(ctx.err) // => true
 * ctx.cause // => 'too slow'
 */
export function withTimeout(parent: Cancel, ms: number, cause?: unknown): CancelContext {
  checkTime('make a context withTimeout: ms', ms)
  return deadlineContext(parent, runtime.now() + ms, runtime.epochNow() + ms, cause, `withTimeout(${ms} ms)`)
}

/**
 * A child of `parent` that is cancelled at a point in time. The wall clock is read once, now: setting it later
 * changes nothing.
 *
 * Source: Go, `context.WithDeadlineCause`.
 *
 * @param at a `Date`, or epoch ms
 * @throws RangeError for an invalid date or NaN
 * @example
 * using ctx = withDeadline(background(), new Date('2001-01-01'))
 * ctx.deadline // => Date.UTC(2001, 0, 1)
 * isDeadlineExceeded(ctx.err) // => true
 */
export function withDeadline(parent: Cancel, at: Date | number, cause?: unknown): CancelContext {
  // By its tag, for a date may come from another realm.
  const isDate = Object.prototype.toString.call(at) === '[object Date]'
  const epochMs = isDate ? Date.prototype.getTime.call(at) : (at as number)
  checkTime('make a context withDeadline: at', epochMs)
  // When the wall clock shows it, undisturbed.
  const moment = runtime.now() + (epochMs - runtime.epochNow())
  return deadlineContext(parent, moment, epochMs, cause, `withDeadline(${epochMs})`)
}

function deadlineContext(
  parent: Cancel,
  at: number,
  epochMs: number,
  cause: unknown,
  step: string,
): CancelContext {
  const own = at === Infinity ? undefined : new Deadline(at, epochMs, cause)
  return new TreeCancelContext(new ContextNode(contextNodeOf(parent), own), parent, step)
}

/**
 * A child of `parent` with a value for `key`, which hides one further up, also when it is `undefined`.
 *
 * Source: Go, `context.WithValue`.
 *
 * @throws TypeError for what is no key
 * @example
 * const user = contextKey<string>('user')
 * const ctx = withValue(background(), user, 'gopher')
 * ctx.value(user) // => 'gopher'
 */
export function withValue<T>(parent: Cancel, key: ContextKey<T>, value: T): Context {
  const given: unknown = key
  if (typeof given !== 'object' || given === null || typeof key.name !== 'string') {
    throw new TypeError(`Cannot set a context value: expected a key of contextKey(), got ${describe(key)}`)
  }
  return new TreeContext(contextNodeOf(parent), parent, `withValue(${key.name})`, key, value)
}

/**
 * The values of `parent` without its cancellation and deadline.
 *
 * Source: Go, `context.WithoutCancel`.
 *
 * @example
 * using ctx = withCancel(background())
 * ctx.cancel()
 * withoutCancel(ctx).err // => undefined
 */
export function withoutCancel(parent: Context): Context {
  cancellationOf(parent)
  return new TreeContext(null, parent, 'withoutCancel')
}

/**
 * Runs `f` in a task of its own once `ctx` is cancelled. Returns a function that stops this: it says true if
 * `f` will not run because of this call, false if `f` was started or stopped before.
 *
 * Source: Go, `context.AfterFunc`.
 *
 * @throws TypeError if `f` is no function
 * @example
 * using ctx = withCancel(background())
 * const stop = afterFunc(ctx, () => console.log('never'))
 * stop() // => true
 */
export function afterFunc(ctx: Cancel, f: () => void): () => boolean {
  checkType('run after a cancel: f', f, 'function')
  const node = contextNodeOf(ctx)
  if (node === null) {
    let isStopped = false
    return () => !isStopped && (isStopped = true)
  }
  if (node.poll() !== null) {
    runtime.spawn(f)
    return () => false
  }
  const waiter = new Waiter(null, NOTHING)
  // Not in the cancelling task but in one that begins here, so that it runs in the registrant's async context.
  void waiter.promise<void>().then(() => f())
  node.parkReceiver(waiter)
  return () => {
    const prevents = waiter.queue !== null
    if (prevents) waiter.withdraw()
    return prevents
  }
}

/** A context that ends with `parent` and cannot be cancelled on its own. `step` says how it was made, for people. */
export function contextUnder(parent: Cancel, step: string): Context {
  return new TreeContext(contextNodeOf(parent), parent, step)
}

/**
 * A context: who cancels it is in its node (`null`: nobody), whose values it has is in its parents.
 */
class TreeContext implements Context {
  readonly #node: ContextNode | null
  readonly #parent: Cancel | null
  /** How it was made, for people. */
  readonly #step: string
  readonly #key: object | undefined
  readonly #value: unknown
  #done: ReceiveChannel<never> | undefined

  constructor(node: ContextNode | null, parent: Cancel | null, step: string, key?: object, value?: unknown) {
    this.#node = node
    this.#parent = parent
    this.#step = step
    this.#key = key
    this.#value = value
  }

  /** Nothing for what inherits from a context, and is another: that is followed through its own signal. */
  get [CANCELLATION](): ContextNode | null | undefined {
    return #node in this ? this.#node : undefined
  }

  get done(): ReceiveChannel<never> {
    const node = this.#node
    return (this.#done ??= node === null ? never : new DoneChannel(node))
  }

  get err(): CanceledError | DeadlineExceededError | undefined {
    return this.#node?.poll()?.reason
  }

  get cause(): unknown {
    const cause = this.#node?.poll()?.cause
    if (cause === undefined) return undefined
    const above = this.#above
    return above?.err !== undefined && above.err === cause ? above.cause : cause
  }

  get deadline(): number | undefined {
    const own = this.#node?.deadline?.epochMs
    const above = this.#above?.deadline
    if (own === undefined || above === undefined) return own ?? above
    return Math.min(own, above)
  }

  // `#parent in at` is a context of this class itself; what only inherits from one is somebody else's.

  /** The context of somebody else's making that this one hangs on: it knows more than its signal tells. */
  get #above(): Partial<Context> | null {
    if (this.#node === null) return null
    let at = this.#parent
    for (; at !== null && #parent in at; at = at.#parent) if (at.#node === null) return null
    return at
  }

  get signal(): AbortSignal {
    return this.#node?.signal ?? (neverAborted ??= new AbortController()).signal
  }

  // A loop, for a tower of contexts may be higher than the stack.
  value<T>(key: ContextKey<T>): T | undefined {
    if (this.#key === key) return this.#value as T
    let at = this.#parent
    for (; at !== null && #parent in at; at = at.#parent) if (at.#key === key) return at.#value as T
    // A context of somebody else's making, or none.
    return (at as Partial<Context> | null)?.value?.(key)
  }

  toString(): string {
    let path = this.#step
    let at = this.#parent
    for (; at !== null && #parent in at; at = at.#parent) path = `${at.#step}.${path}`
    return at === null ? path : `signal.${path}`
  }

  get [Symbol.toStringTag](): string {
    return 'Context'
  }

  static {
    inspectable(
      this,
      (ctx) => `Context ${ctx.toString()}`,
      (ctx) => ({ deadline: ctx.deadline, err: ctx.err?.message }),
    )
  }
}

class TreeCancelContext extends TreeContext implements CancelContext {
  #cancel: ((cause?: unknown) => void) | undefined

  // Bound, for Go's `ctx, cancel :=` and for `process.once('SIGINT', ctx.cancel)`; when asked for, for it takes memory.
  get cancel(): (cause?: unknown) => void {
    const node = this[CANCELLATION]!
    return (this.#cancel ??= (cause) => node.cancel(cause))
  }

  [Symbol.dispose](): void {
    this.cancel()
  }
}

class DoneChannel extends ReadChannel<never> implements ReceiveChannel<never> {
  readonly name = 'done'
  readonly [RECEIVE_END]: ContextNode

  constructor(node: ContextNode) {
    super()
    this[RECEIVE_END] = node
  }

  static {
    inspectable(this, 'Channel', (done) => ({
      name: done.name,
      closed: done[RECEIVE_END].canReceive(),
    }))
  }
}

const BACKGROUND: Context = /* @__PURE__ */ new TreeContext(null, null, 'background')
let neverAborted: AbortController | undefined
