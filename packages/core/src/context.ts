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
 * Carries a cancel signal, a deadline and values through a tree of calls. A context can be passed wherever a
 * `Cancel` is taken, and wherever the platform takes `{ signal }`.
 *
 * Source: Go package `context`.
 */
export interface Context extends Cancel {
  /** Closes when the context is cancelled: a case for select. */
  readonly done: ReceiveChannel<never>
  /** Why it was cancelled; `undefined` while it is not. Notices a deadline the moment that it has passed. */
  readonly err: CanceledError | DeadlineExceededError | undefined
  /** What `cancel(cause)` or `withTimeout(…, cause)` was told, else `err`. */
  readonly cause: unknown
  /** When it will be cancelled at the latest, in epoch ms. */
  readonly deadline: number | undefined
  /** A signal that follows the context, for the platform; made on first use. Its reason is `err`. */
  readonly signal: AbortSignal
  /** The value of the nearest `withValue` for `key`. */
  value<T>(key: ContextKey<T>): T | undefined
}

/** A context that can be cancelled. `using` cancels it at the end of the block: Go's `defer cancel()`. */
export interface CancelContext extends Context, Disposable {
  /**
   * Cancels this context and all below it before it returns; later calls do nothing. It needs no receiver: it may be
   * taken off the context, as Go's `cancel` is.
   *
   * @param cause kept as `cause` of the context and of its `err`; without it (`undefined`) `cause` is `err`
   */
  cancel(this: void, cause?: unknown): void
}

/** A key for `withValue`. Two keys are never the same, even if their names are. */
export interface ContextKey<in out T> {
  /** For people only. */
  readonly name: string
  /** Ties the key to the type of its value, for the compiler only: never there at run time. */
  readonly valueType?: (value: T) => T
}

/**
 * A new key for `withValue`, with a name for people.
 *
 * Source: Go, `context.WithValue`, whose keys have a type of their own.
 *
 * @throws TypeError if the name is not a string
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
 * A child of `parent` that is cancelled after `ms` milliseconds, with a `DeadlineExceededError`. If the parent's
 * deadline comes first, that one counts, and `cause` is not used.
 *
 * Source: Go, `context.WithTimeoutCause`.
 *
 * @param ms 0 or less: it is cancelled from the start; `Infinity`: only the parent's deadline counts
 * @param cause kept as the context's `cause` if the time runs out
 * @throws RangeError if `ms` is NaN
 * @throws TypeError if `ms` is not a number, or for a parent that cannot cancel anything
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
 * @throws TypeError for neither a date nor a number, or for a parent that cannot cancel anything
 * @example
 * using ctx = withDeadline(background(), new Date('2001-01-01'))
 * ctx.deadline // => Date.UTC(2001, 0, 1)
 * isDeadlineExceeded(ctx.err) // => true
 */
export function withDeadline(parent: Cancel, at: Date | number, cause?: unknown): CancelContext {
  // By its tag: a date may come from another realm.
  const isDate = Object.prototype.toString.call(at) === '[object Date]'
  const epochMs = isDate ? Date.prototype.getTime.call(at) : (at as number)
  checkTime('make a context withDeadline: at', epochMs)
  // When the wall clock will show it, unless somebody sets that meanwhile.
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
 * A child of `parent` with a value for `key`. It hides a value further up, even if it is `undefined` itself.
 *
 * Source: Go, `context.WithValue`.
 *
 * @throws TypeError for what is not a key
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
 * A child of `parent` with its values, but without its cancellation and deadline.
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
 * Runs `f` in a task of its own once `ctx` is cancelled. Returns a function that prevents this: true if `f` will
 * not run because of this call, false if it was started or prevented before.
 *
 * Source: Go, `context.AfterFunc`.
 *
 * @throws TypeError if `f` is not a function
 * @example
 * using ctx = withCancel(background())
 * const stop = afterFunc(ctx, () => console.log('never'))
 * stop() // => true
 */
export function afterFunc(ctx: Cancel, f: () => unknown): () => boolean {
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
  // In a task that begins here, not in the one that cancels: `f` runs in the async context of its registration.
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

/** A context. Its node says who cancels it (`null`: nobody), its chain of parents what values it has. */
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

  /** `undefined` for an object that merely inherits from a context: that is followed through its own signal. */
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

  // `#parent in at` holds for a context of this class; an object that merely inherits from one is somebody else's.

  /** The context of somebody else's making that this one descends from: it knows more than its signal tells. */
  get #above(): Partial<Context> | null {
    if (this.#node === null) return null
    let at = this.#parent
    for (; at !== null && #parent in at; at = at.#parent) if (at.#node === null) return null
    return at
  }

  get signal(): AbortSignal {
    return this.#node?.signal ?? (neverAborted ??= new AbortController()).signal
  }

  // A loop: a tower of contexts may be higher than the stack.
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

  // Bound, as `process.once('SIGINT', ctx.cancel)` needs it. Made only when it is asked for, since it takes memory.
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
