import { CanceledError, DeadlineExceededError, isDeadlineExceeded } from '../errors.ts'
import { Cancellation, type Ended } from './cancellation.ts'
import { type ContextEnded, type Deadline, type Expiring, endedBy } from './deadline.ts'
import { CLOSED, type ReceiveEnd, WOULD_WAIT } from './end.ts'
import { type Cancel, ForeignCancellation, type ForeignContexts, cancellationOf } from './foreign.ts'
import { runtime } from './runtime.ts'
import { OwnedWaitQueue, type WaitQueueOwner, type Waiter } from './waiter.ts'

/**
 * A node in the tree of contexts. As a receive end it is the context's `done`.
 *
 * Invariants, besides those of a cancellation:
 * 1. The whole subtree is marked before anybody is told: no observer sees half a cancelled tree.
 * 2. A node that ended has no parent, child or receiver.
 * 3. It is held for all receivers of `done` as one, and for a signal that was made. While it is busy its deadline is
 *    held.
 */
export class ContextNode
  extends Cancellation<ContextEnded>
  implements ReceiveEnd<never>, Expiring, WaitQueueOwner
{
  /** The deadline that ends this node: its own, or the one above it that comes first. */
  readonly deadline: Deadline | null
  /** The foreign signal that the tree hangs on. */
  protected readonly origin: ForeignCancellation | null

  #parent: ContextNode | null = null
  #firstChild: ContextNode | null = null
  #lastChild: ContextNode | null = null
  #previousSibling: ContextNode | null = null
  #nextSibling: ContextNode | null = null
  /** The child to ask next whether it has ended. */
  #suspect: ContextNode | null = null

  #receivers: OwnedWaitQueue | null = null
  #controller: AbortController | null = null

  /** @param own a deadline of its own; not used, nor its cause, where one above comes first */
  constructor(parent: ContextNode | null, own?: Deadline, origin: ForeignCancellation | null = null) {
    const inherited = parent === null ? null : parent.deadline
    const isOwn = own !== undefined && (inherited === null || own.at <= inherited.at)
    const deadline = isOwn ? own : inherited
    const hangsOn = parent === null ? origin : parent.origin
    super(deadline !== null || hangsOn !== null)
    this.deadline = deadline
    this.origin = hangsOn
    if (isOwn) own.owner = this
    if (parent === null) return
    const above = parent.poll()
    if (above === null) parent.#adopt(this)
    else this.ended = above
  }

  protected observe(signals: 'now' | 'later'): void {
    this.origin?.poll(signals)
    if (this.deadline?.hasPassed()) this.deadline.owner!.expire(signals)
  }

  cancel(cause: unknown): void {
    if (this.poll('now') !== null) return
    this.#end(
      endedBy(() => new CanceledError(cause), cause),
      'now',
    )
  }

  /** Its own deadline passed. */
  expire(signals: 'now' | 'later'): void {
    if (this.ended === null) this.#end(this.deadline!.ended, signals)
  }

  #end(ended: ContextEnded, signals: 'now' | 'later'): void {
    const marked = this.markTree(ended)
    if (this.#parent !== null) this.#parent.#disown(this)
    this.tellAll(marked, signals)
  }

  /** Parents before children, elder children first. A loop: a tree may be deeper than the stack. */
  protected markTree(ended: ContextEnded): ContextNode[] {
    this.ended = ended
    const marked: ContextNode[] = [this]
    for (let i = 0; i < marked.length; i++) {
      const node = marked[i]!
      while (node.#firstChild !== null) {
        const child = node.#firstChild
        node.#disown(child)
        // A deadline that passed before this cancel, unnoticed so far, came first.
        const own = child.deadline?.owner === child ? child.deadline : null
        child.ended = own?.hasPassed() ? own.ended : node.ended!
        marked.push(child)
      }
    }
    return marked
  }

  /**
   * Tells the waits and receivers of the marked nodes, then their signals. Those come last, when all is final: their
   * listeners are the user's code, and may call anything here.
   */
  protected tellAll(marked: readonly ContextNode[], signals: 'now' | 'later'): void {
    for (const node of marked) node.#tell()
    for (const node of marked) {
      if (node.#controller === null) continue
      if (signals === 'now') node.#abort()
      else runtime.spawn(() => node.#abort())
    }
  }

  #abort(): void {
    this.#controller!.abort(this.ended!.reason)
  }

  #tell(): void {
    if (this.deadline?.owner === this) this.deadline.disarm()
    for (let waiter = this.#receivers?.first; waiter; waiter = this.#receivers!.first) waiter.end()
    this.failWaits()
    if (this.#controller !== null) this.release()
  }

  canReceive(): boolean {
    return this.poll() !== null
  }

  take(): typeof CLOSED | typeof WOULD_WAIT {
    return this.poll() === null ? WOULD_WAIT : CLOSED
  }

  parkReceiver(waiter: Waiter): void {
    this.#receivers ??= new OwnedWaitQueue(this)
    const isFirst = this.#receivers.first === null
    this.#receivers.push(waiter)
    // After the push: holding may show that it has ended, and then the receiver has to be told.
    if (isFirst) this.hold()
  }

  /** The last receiver left `#receivers`. */
  abandoned(): void {
    this.release()
  }

  /** A signal that follows this node, made on first use. */
  get signal(): AbortSignal {
    const isOver = this.poll() !== null
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (!isOver) this.hold()
    }
    if (isOver) this.#abort()
    return this.#controller.signal
  }

  #adopt(child: ContextNode): void {
    child.#parent = this
    child.#previousSibling = this.#lastChild
    if (this.#lastChild === null) this.#firstChild = child
    else this.#lastChild.#nextSibling = child
    this.#lastChild = child
    if (this.hasToTellChildren) this.hold()
    // A deadline that nobody waits under has no alarm: if its context is not cancelled either, it would stay here for ever.
    // So for each child that comes two are looked at, in turn: in time, no more stay that are over than that are not.
    for (let i = 0; i < 2; i++) {
      const next = this.#suspect ?? this.#firstChild
      if (next === null) return
      this.#suspect = next.#nextSibling
      if (next.deadline !== null && next.deadline.slot < 0) next.poll()
    }
  }

  #disown(child: ContextNode): void {
    const previous = child.#previousSibling
    const next = child.#nextSibling
    if (this.#suspect === child) this.#suspect = next
    if (previous === null) this.#firstChild = next
    else previous.#nextSibling = next
    if (next === null) this.#lastChild = previous
    else next.#previousSibling = previous
    child.#parent = child.#previousSibling = child.#nextSibling = null
    if (this.hasToTellChildren) this.release()
  }

  protected becameBusy(): void {
    this.deadline?.hold()
  }

  protected becameIdle(): void {
    this.deadline?.release()
  }

  /** Whether children have to be told even if nobody waits on them. Not here: a child finds out when it is asked. */
  protected get hasToTellChildren(): boolean {
    return false
  }
}

/** What all contexts under a foreign signal descend from. Waits under them reject with an error of ours. */
class ForeignRoot extends ContextNode implements ForeignContexts {
  declare protected readonly origin: ForeignCancellation
  #marked: readonly ContextNode[] = []

  constructor(above: ForeignCancellation) {
    super(null, undefined, above)
    const ended = above.poll()
    if (ended !== null) this.ended = asContextEnded(ended)
  }

  mark(reason: unknown): void {
    this.#marked = this.markTree(asContextEnded({ reason }))
  }

  tell(signals: 'now' | 'later'): void {
    this.tellAll(this.#marked, signals)
    this.#marked = []
  }

  protected override becameBusy(): void {
    this.origin.hold()
  }

  protected override becameIdle(): void {
    this.origin.release()
  }

  /** A child has no other way to learn of the signal in time. */
  protected override get hasToTellChildren(): boolean {
    return true
  }
}

function asContextEnded({ reason: cause }: Ended): ContextEnded {
  return endedBy(
    () =>
      isDeadlineExceeded(cause)
        ? new DeadlineExceededError(runtime.epochNow(), cause)
        : new CanceledError(cause),
    cause,
  )
}

/**
 * Where a context that is made under `cancel` hangs in the tree; `null`: nothing above will cancel it.
 *
 * @throws TypeError if `cancel` cannot stop anything
 */
export function contextNodeOf(cancel: Cancel): ContextNode | null {
  const above = cancellationOf(cancel)
  if (!(above instanceof ForeignCancellation)) return above as ContextNode | null
  if (above.contexts instanceof ForeignRoot) return above.contexts
  const root = new ForeignRoot(above)
  above.contexts = root
  return root
}
