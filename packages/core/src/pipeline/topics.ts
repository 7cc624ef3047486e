import type { Cancellation } from '../internal/cancellation.ts'
import { type Cancel, cancellationOf } from '../internal/foreign.ts'
import type { Input } from './intake.ts'
import { type Program, Stage } from './stage.ts'
import { type Feeder, Subscriber, type SubscribeOptions, Topic } from './subscription.ts'

/**
 * The stage behind `broadcast` and `route`: emits to subscribers, and is over when its source is.
 *
 * Invariants, after each call:
 * 1. `#hungry` counts the subscribers that are hungry, `full` of a topic those of it that are full.
 * 2. A topic has a subscriber: one without costs nothing.
 * 3. Over, there is no subscriber; those that come get the end, or the error, at once.
 */
export class Topics<K, T> extends Stage<never> implements Feeder<T> {
  readonly #input: Input<T>
  readonly #cancellation: Cancellation | null
  readonly #byKey = new Map<K, Topic<T>>()
  readonly #subscribers = new Map<Subscriber<T>, K>()
  /** Without a subscriber items are taken, and dropped. */
  readonly #dropsIdle: boolean
  #hungry = 0
  #failure: { readonly error: unknown } | null = null

  constructor(input: Input<T>, cancel: Cancel | undefined, program: Program<never>, dropsIdle = false) {
    super([input], cancel, program)
    this.#input = input
    this.#dropsIdle = dropsIdle
    this.#cancellation = cancel === undefined ? null : cancellationOf(cancel)
    if (dropsIdle) this.wanted()
  }

  /** Whether the next item is wanted by anybody. */
  override get isWanted(): boolean {
    return this.#hungry > 0 || (this.#dropsIdle && this.#subscribers.size === 0)
  }

  /** Whether a subscriber of that key has yet to accept the last value. */
  isFull(key: K): boolean {
    return (this.#byKey.get(key)?.full ?? 0) > 0
  }

  publish(key: K, value: T): void {
    const topic = this.#byKey.get(key)
    if (topic === undefined) return
    // A copy, for those that are disconnected leave. Who came after the value was taken gets the next.
    for (const subscriber of [...topic.subscribers]) {
      if (subscriber.since < this.#input.taken) subscriber.offer(value)
    }
  }

  subscribe(key: K, options: Required<SubscribeOptions>): Subscriber<T> {
    const subscriber = new Subscriber<T>(options, this.#cancellation, this, this.#input.taken)
    if (!this.observe()) {
      if (this.#failure === null) subscriber.end()
      else subscriber.fail(this.#failure.error)
      return subscriber
    }
    let topic = this.#byKey.get(key)
    if (topic === undefined) this.#byKey.set(key, (topic = new Topic()))
    topic.subscribers.add(subscriber)
    subscriber.topic = topic
    this.#subscribers.set(subscriber, key)
    this.changed(subscriber)
    return subscriber
  }

  changed(subscriber: Subscriber<T>): void {
    const { topic } = subscriber
    if (topic === null) return
    const { isHungry, isFull } = subscriber
    if (isHungry !== subscriber.wasHungry) this.#hungry += isHungry ? 1 : -1
    if (isFull !== subscriber.wasFull) topic.full += isFull ? 1 : -1
    subscriber.wasHungry = isHungry
    subscriber.wasFull = isFull
    this.#tell()
  }

  #tell(): void {
    if (this.isWanted) this.wanted()
    else this.unwanted()
  }

  left(subscriber: Subscriber<T>): void {
    // No longer open, it is neither hungry nor full.
    this.changed(subscriber)
    const { topic } = subscriber
    if (topic === null) return
    const key = this.#subscribers.get(subscriber)!
    this.#subscribers.delete(subscriber)
    topic.subscribers.delete(subscriber)
    subscriber.topic = null
    if (topic.subscribers.size === 0) this.#byKey.delete(key)
    this.#tell()
  }

  override end(): void {
    super.end()
    for (const subscriber of [...this.#subscribers.keys()]) subscriber.end()
  }

  override fail(error: unknown): void {
    if (!this.isOpen) return
    this.#failure = { error }
    super.fail(error)
    for (const subscriber of [...this.#subscribers.keys()]) {
      subscriber.observe()
      subscriber.fail(error)
    }
  }

  [Symbol.dispose](): void {
    for (const subscriber of [...this.#subscribers.keys()]) subscriber[Symbol.dispose]()
    void this.abandon()
  }
}
