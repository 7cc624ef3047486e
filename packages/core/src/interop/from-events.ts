import { type Channel, type ReceiveChannel, channel } from '../channel.ts'
import { describe } from '../errors.ts'
import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { onCancel } from '../internal/listener.ts'
import { runtime } from '../internal/runtime.ts'
import { DisposableView } from './disposable-view.ts'
import { reasonOf } from './reason.ts'

/** A read channel of events. `using` removes the listener. */
export interface EventChannel<out T> extends ReceiveChannel<T>, Disposable {
  /** How many events were dropped because nobody received them in time. */
  readonly dropped: number
}

/** Which event is dropped when there is no room. An event cannot wait for it, so `'wait'` is not among these. */
export type EventOverflow = 'drop-oldest' | 'drop-newest'

/** Options of `fromEvents`. */
export interface EventOptions {
  /** Shown in error texts and inspection. */
  name?: string | undefined
  /** How many events at most wait to be received; 64. `Infinity` keeps all, whatever memory that takes. */
  capacity?: number | undefined
  /** Which event is dropped when one more comes: `'drop-oldest'`, the default, keeps the latest. */
  overflow?: EventOverflow | undefined
}

/** What Node's `EventEmitter` has that is needed here. */
export interface EventEmitterLike {
  on(type: string | symbol, listener: (...args: any[]) => void): unknown
  off(type: string | symbol, listener: (...args: any[]) => void): unknown
  /** What has it, too, is listened to as an `EventTarget`: a `MessagePort` of Node, for example. */
  readonly addEventListener?: never
}

/**
 * A channel of the events of one type: the event of an `EventTarget`, the first argument of an `EventEmitter`. They
 * are kept from now on, up to `capacity`; what is dropped beyond that counts in `dropped`.
 *
 * An emitter's `'error'` event fails the channel with that error, after what waits in it, unless it is the type
 * asked for. It then no longer crashes the process: it is the receivers that hear of it.
 *
 * Cancellation: removes the listener and fails the channel with the reason of `cancel`'s signal. Disposing of the
 *   channel removes the listener, too, and ends the channel. What waits in it can be received either way.
 * Source: DOM, "EventTarget"; Node, `events.on`.
 *
 * @param options.capacity in events
 * @throws TypeError for what is not a source of events, for a type that is not one, and for an overflow that waits
 * @throws RangeError for a capacity below 1 or not whole
 * @example
 * import { fromEvents } from 'chansel/interop'
 *
 * const target = new EventTarget()
 * using clicks = fromEvents(target, 'click')
 * target.dispatchEvent(new Event('click'))
 * const { value } = await clicks.receive()
 * value?.type // => 'click'
 */
export function fromEvents<T extends Event = Event>(
  target: EventTarget,
  type: string,
  options?: EventOptions,
  cancel?: Cancel,
): EventChannel<T>
export function fromEvents<T = unknown>(
  emitter: EventEmitterLike,
  type: string | symbol,
  options?: EventOptions,
  cancel?: Cancel,
): EventChannel<T>
export function fromEvents<T>(
  source: EventTarget | EventEmitterLike,
  type: string | symbol,
  options: EventOptions = {},
  cancel?: Cancel,
): EventChannel<T> {
  const kind = kindOf(source)
  if (kind === undefined) {
    throw new TypeError(
      `Cannot listen for events: expected an EventTarget or an EventEmitter, got ${describe(source)}`,
    )
  }
  if (typeof type !== 'string' && !(typeof type === 'symbol' && kind === 'emitter')) {
    throw new TypeError(`Cannot listen for events: type must be a string, got ${describe(type)}`)
  }
  const events = eventBuffer<T>(options)
  const cancellation = optionalCancellationOf(cancel)
  const ended = cancellation?.poll()
  if (ended) {
    events.close(ended.reason)
    return new EventView(events, () => {})
  }

  const heard = (value: T): void => {
    if (!events.closed) events.trySend(value)
  }
  const failed = (error: unknown): void => stop(reasonOf(error, 'listen for events'))
  let detach: (() => void) | null = null

  function stop(error: unknown): void {
    if (events.closed) return
    detach?.()
    events.close(error)
    unlisten()
  }

  function unlisten(): void {
    runtime.observer?.unlistens(source)
    if (kind === 'target') {
      ;(source as EventTarget).removeEventListener(type as string, heard as (event: Event) => void)
    } else {
      const emitter = source as EventEmitterLike
      emitter.off(type, heard)
      if (type !== 'error') emitter.off('error', failed)
    }
  }

  if (kind === 'target') {
    ;(source as EventTarget).addEventListener(type as string, heard as (event: Event) => void)
  } else {
    const emitter = source as EventEmitterLike
    emitter.on(type, heard)
    if (type !== 'error') emitter.on('error', failed)
  }
  runtime.observer?.listens(source)
  if (cancellation) {
    detach = onCancel(cancellation, (reason) => {
      events.close(reason)
      // In a task: an emitter tells listeners of its own, the user's code, of one that is taken off.
      runtime.spawn(unlisten)
    })
  }
  return new EventView(events, () => stop(undefined))
}

class EventView<T> extends DisposableView<T> implements EventChannel<T> {
  readonly #events: Channel<T>

  constructor(events: Channel<T>, stop: () => void) {
    super(events, stop)
    this.#events = events
  }

  get dropped(): number {
    return this.#events.dropped
  }
}

function eventBuffer<T>(options: EventOptions): Channel<T> {
  checkType('listen for events: options', options, 'object')
  const { name, capacity = CAPACITY, overflow = 'drop-oldest' } = options
  if (overflow !== 'drop-oldest' && overflow !== 'drop-newest') {
    throw new TypeError(
      `Cannot listen for events: overflow must be drop-oldest or drop-newest, for events cannot wait; got ${describe(overflow)}`,
    )
  }
  return channel<T>(capacity, { overflow, ...(name !== undefined && { name }) })
}

/** Enough for a burst between two turns of a receiver, little enough to forget. */
const CAPACITY = 64

/** What is both, as a `MessagePort` of Node, counts as a target: its events say more than their first argument. */
function kindOf(source: unknown): 'target' | 'emitter' | undefined {
  const given = source as
    | (Partial<EventTarget> & Partial<Pick<EventEmitterLike, 'on' | 'off'>>)
    | null
    | undefined
  if (typeof given?.addEventListener === 'function' && typeof given.removeEventListener === 'function')
    return 'target'
  return typeof given?.on === 'function' && typeof given.off === 'function' ? 'emitter' : undefined
}
