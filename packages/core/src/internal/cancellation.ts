import { CanceledError, withoutStack } from '../errors.ts'
import type { Deadline, Ended, Expiring } from './deadline.ts'
import { CLOSED, type ReceiveEnd, WOULD_WAIT } from './end.ts'
import { runtime } from './runtime.ts'
import { type CanceledBy, OwnedWaitQueue, type WaitQueueOwner, type Waiter } from './waiter.ts'

/**
 * A node in the tree of cancellations, with the waits that end with it. The tree of contexts is made of
 * these; so is the one node that stands for each foreign signal. As a receive end it is the context's `done`.
 *
 * Invariants:
 * 1. `ended` is set once and stays.
 * 2. The whole subtree is marked before anybody is told: no observer sees half a cancelled tree.
 * 3. A node that ended has no parent, child, wait or receiver.
 * 4. `#population` counts what has to be told in time: all waits as one, all receivers of `done` as one, a signal
 *    that was made as one. While it is above 0 the node is busy, and its deadline is held. (Waits do not count where
 *    nothing would be held for them: most nodes end by a call, and to count would cost as much as the wait here does.)
 */
export class Cancellation implements ReceiveEnd<never>, CanceledBy, Expiring, WaitQueueOwner {
  ended: Ended | null = null
  /** The deadline that ends this node: its own, or the one above it that comes first. */
  readonly deadline: Deadline | null
  /** The foreign signal that the tree hangs on. */
  readonly origin: ForeignOrigin | null
  /** Whether the clock or a foreign signal can end it, and not only a call. */
  protected followsHost: boolean

  #parent: Cancellation | null = null
  #firstChild: Cancellation | null = null
  #lastChild: Cancellation | null = null
  #previousSibling: Cancellation | null = null
  #nextSibling: Cancellation | null = null

  /** Its `previousWait` is the last wait; both links of the only one are null. */
  #firstWait: Waiter | null = null
  #receivers: OwnedWaitQueue | null = null
  #controller: AbortController | null = null
  #population = 0

  /** @param own a deadline of its own; void, with its cause, where one above comes first */
  constructor(parent: Cancellation | null, own?: Deadline) {
    const inherited = parent === null ? null : parent.deadline
    const isOwn = own !== undefined && (inherited === null || own.at <= inherited.at)
    this.deadline = isOwn ? own : inherited
    if (isOwn) own.owner = this
    this.origin = parent === null ? null : parent.origin
    this.followsHost = this.deadline !== null || this.origin !== null
    if (parent === null) return
    const above = parent.poll()
    if (above === null) parent.adopt(this)
    else this.ended = asInherited(above)
  }

  /**
   * How it ended, `null` while it has not. The clock and the foreign signal count here, not the delivery of
   * their events: a program that was busy past its deadline is late, and is told so. Operations ask in the
   * middle of their step, so no listener of a signal runs in here, unless `signals` says so.
   */
  poll(signals: 'now' | 'later' = 'later'): Ended | null {
    if (this.ended === null && this.followsHost) this.#lookAtHost(signals)
    return this.ended
  }

  #lookAtHost(signals: 'now' | 'later'): void {
    if (this.origin !== null) this.origin.observe(signals)
    if (this.deadline !== null && this.deadline.hasPassed()) this.deadline.owner!.expire(signals)
  }

  cancel(cause: unknown): void {
    if (this.poll('now') !== null) return
    const error = withoutStack(() => new CanceledError(cause))
    this.end({ error, reason: error, cause: cause === undefined ? error : cause }, 'now')
  }

  /** Its own deadline passed. */
  expire(signals: 'now' | 'later'): void {
    if (this.ended === null) this.end(this.deadline!.ended, signals)
  }

  /**
   * Ends the subtree: marks all of it, then tells waits and receivers, then the signals that were made. The
   * listeners of those are the user's code, and may call anything here: last, when all is final.
   */
  protected end(ended: Ended, signals: 'now' | 'later'): void {
    const marked = this.#markTree(ended)
    if (this.#parent !== null) this.#parent.disown(this)
    for (const node of marked) node.#tell()
    for (const node of marked) {
      if (node.#controller === null) continue
      if (signals === 'now') node.#abort()
      else runtime.spawn(() => node.#abort())
    }
  }

  #abort(): void {
    this.#controller!.abort(this.ended!.error)
  }

  /** Parents before children, elder children first; a loop, for a tree may be deeper than the stack. */
  #markTree(ended: Ended): Cancellation[] {
    this.ended = ended
    const marked: Cancellation[] = [this]
    for (let i = 0; i < marked.length; i++) {
      const node = marked[i]!
      while (node.#firstChild !== null) {
        const child = node.#firstChild
        node.disown(child)
        // A deadline that passed before this cancel, unnoticed so far, came first.
        const own = child.deadline !== null && child.deadline.owner === child ? child.deadline : null
        child.ended = own !== null && own.hasPassed() ? own.ended : asInherited(node.ended!)
        marked.push(child)
      }
    }
    return marked
  }

  #tell(): void {
    if (this.deadline !== null && this.deadline.owner === this) this.deadline.disarm()
    for (let waiter = this.#receivers?.first; waiter; waiter = this.#receivers!.first) waiter.end()
    for (let wait = this.#firstWait; wait !== null; wait = this.#firstWait) wait.fail(this.ended!.reason)
    if (this.#controller !== null) this.#leave()
  }

  /** Lets an operation end with this node. Only after `poll` said that it has not ended. */
  park(operation: Waiter): void {
    operation.cancellation = this
    const first = this.#firstWait
    if (first === null) {
      this.#firstWait = operation
      if (this.followsHost) this.#enter()
      return
    }
    const last = first.previousWait ?? first
    operation.nextWait = first
    operation.previousWait = last
    last.nextWait = first.previousWait = operation
  }

  unpark(operation: Waiter): void {
    const { nextWait: next, previousWait: previous } = operation
    operation.cancellation = null
    if (next === null) {
      this.#firstWait = null
      if (this.followsHost) this.#leave()
      return
    }
    if (next === previous) {
      next.nextWait = next.previousWait = null
    } else {
      previous!.nextWait = next
      next.previousWait = previous
    }
    if (this.#firstWait === operation) this.#firstWait = next
    operation.nextWait = operation.previousWait = null
  }

  canReceive(): boolean {
    return this.poll() !== null
  }

  take(): typeof CLOSED | typeof WOULD_WAIT {
    return this.poll() === null ? WOULD_WAIT : CLOSED
  }

  parkReceiver(waiter: Waiter): void {
    this.#receivers ??= new OwnedWaitQueue(this)
    if (this.#receivers.first === null) this.#enter()
    this.#receivers.push(waiter)
  }

  /** The last receiver left `#receivers`. */
  abandoned(): void {
    this.#leave()
  }

  /** A signal that follows this node, made on first use. */
  get signal(): AbortSignal {
    const isOver = this.poll() !== null
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (!isOver) this.#enter()
    }
    if (isOver) this.#abort()
    return this.#controller.signal
  }

  adopt(child: Cancellation): void {
    child.#parent = this
    child.#previousSibling = this.#lastChild
    if (this.#lastChild === null) this.#firstChild = child
    else this.#lastChild.#nextSibling = child
    this.#lastChild = child
    if (this.hasToTellChildren) this.#enter()
  }

  disown(child: Cancellation): void {
    const previous = child.#previousSibling
    const next = child.#nextSibling
    if (previous === null) this.#firstChild = next
    else previous.#nextSibling = next
    if (next === null) this.#lastChild = previous
    else next.#previousSibling = previous
    child.#parent = child.#previousSibling = child.#nextSibling = null
    if (this.hasToTellChildren) this.#leave()
  }

  /** Whether it is among the children of a node. */
  get isChild(): boolean {
    return this.#parent !== null
  }

  #enter(): void {
    if (this.#population++ === 0) this.becameBusy()
  }

  #leave(): void {
    if (--this.#population === 0) this.becameIdle()
  }

  protected becameBusy(): void {
    this.deadline?.hold()
  }

  protected becameIdle(): void {
    this.deadline?.release()
  }

  /** Whether a child that nobody waits on counts: not here, for it asks when it is asked. */
  protected get hasToTellChildren(): boolean {
    return false
  }
}

/** A foreign signal as the nodes that hang on it see it. */
export interface ForeignOrigin {
  /** Ends the tree if the signal was aborted by now. */
  observe(signals: 'now' | 'later'): void
}

/** What a child makes of its parent's end: the same error and cause, and waits reject with the error. */
export function asInherited(above: Ended): Ended {
  return above.reason === above.error
    ? above
    : { error: above.error, reason: above.error, cause: above.cause }
}
