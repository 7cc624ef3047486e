import { CLOSED, WOULD_WAIT } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import type { Input } from './intake.ts'
import { Stage } from './stage.ts'
import { type Feeder, Subscriber, type SubscribeSettings, Topic } from './subscription.ts'
import { isThenable } from './thenable.ts'

/**
 * The stage behind `broadcast` and `route`: emits to subscribers, and is over when its source is.
 *
 * Invariants, after each call:
 * 1. `#hungry` counts the subscribers that are hungry, `#full` those that are full, `full` of a topic those of its own.
 * 2. A topic has a subscriber: one without costs nothing.
 * 3. Once it is over there is no subscriber; those that still come get the end, or the error, at once.
 */
export class Topics<K, T> extends Stage<never> implements Feeder<T> {
  readonly #input: Input<T>
  /** `null`: all have the one key `undefined`. */
  readonly #keyOf: ((item: T) => K | Promise<K>) | null
  readonly #byKey = new Map<K, Topic<T>>()
  readonly #subscribers = new Map<Subscriber<T>, K>()
  /** Whether items are taken and dropped while nobody subscribes. */
  readonly #dropsIdle: boolean
  #hungry = 0
  #full = 0
  /** How many subscribers lose what comes too fast for them. */
  #lossy = 0
  #isPublishing = false
  #wasWanted = false
  /** Whether its last subscriber was disconnected: it was not to hold up the source, nor is its absence. */
  #wentSlow = false
  #failure: { readonly error: unknown } | null = null

  constructor(
    input: Input<T>,
    cancel: Cancel | undefined,
    keyOf: ((item: T) => K | Promise<K>) | null,
    dropsIdle = false,
  ) {
    super([input], cancel, () => this.#feed())
    this.#input = input
    this.#keyOf = keyOf
    this.#dropsIdle = dropsIdle
    if (dropsIdle) this.startNow()
  }

  /** Whether the next item is wanted by anybody. */
  override get isWanted(): boolean {
    return this.#hungry > 0 || (this.#subscribers.size === 0 && (this.#dropsIdle || this.#wentSlow))
  }

  async #feed(): Promise<void> {
    const keyOf = this.#keyOf
    for (let run = 1; ; run++) {
      while (!this.isWanted || (keyOf === null && this.#isFull(undefined as K))) await this.demand()
      let item = this.#input.pull()
      const isAtHand = item !== WOULD_WAIT
      if (item === WOULD_WAIT) {
        const got = await this.#input.receive()
        item = got.ok ? got.value : CLOSED
      }
      if (item === CLOSED) return
      let key: unknown = keyOf === null ? undefined : keyOf(item)
      if (isThenable(key)) key = await key
      while (this.#isFull(key as K)) await this.demand()
      this.#publish(key as K, item)
      // A source that has its items at hand must not be too fast for a subscriber that receives one after the other.
      if (isAtHand && (this.#lossy > 0 || run % RUN === 0)) await runtime.done()
    }
  }

  /** Whether a subscriber of that key has yet to accept the last value. */
  #isFull(key: K): boolean {
    const topic = this.#full === 0 ? undefined : this.#byKey.get(key)
    return topic !== undefined && topic.full > 0
  }

  #publish(key: K, value: T): void {
    const topic = this.#byKey.get(key)
    if (topic === undefined) return
    const { taken } = this.#input
    this.#isPublishing = true
    for (const subscriber of topic.subscribers) {
      // Whoever subscribed after the value was taken gets the next.
      if (subscriber.since < taken) subscriber.offer(value)
    }
    this.#isPublishing = false
    this.#tell()
  }

  subscribe(key: K, options: SubscribeSettings): Subscriber<T> {
    const subscriber = new Subscriber<T>(options, this.cancellation, this, this.#input.taken)
    if (!this.observe()) {
      if (this.#failure === null) subscriber.end()
      else subscriber.fail(this.#failure.error)
      return subscriber
    }
    let topic = this.#byKey.get(key)
    if (topic === undefined) this.#byKey.set(key, (topic = new Topic()))
    topic.add(subscriber)
    subscriber.topic = topic
    if (subscriber.isLossy) this.#lossy++
    this.#wentSlow = false
    this.#subscribers.set(subscriber, key)
    this.changed(subscriber)
    return subscriber
  }

  changed(subscriber: Subscriber<T>): void {
    const { topic } = subscriber
    if (topic === null) return
    const { isHungry, isFull } = subscriber
    if (isHungry !== subscriber.wasHungry) {
      this.#hungry += isHungry ? 1 : -1
      subscriber.wasHungry = isHungry
    }
    if (isFull !== subscriber.wasFull) {
      topic.full += isFull ? 1 : -1
      this.#full += isFull ? 1 : -1
      subscriber.wasFull = isFull
    }
    this.#tell()
  }

  #tell(): void {
    if (this.#isPublishing) return
    const { isWanted } = this
    // Once, unless the program rests: what it waits for may be something else.
    if (isWanted === this.#wasWanted && !(isWanted && this.isResting)) return
    this.#wasWanted = isWanted
    if (isWanted) this.wanted()
    else this.unwanted()
  }

  left(subscriber: Subscriber<T>): void {
    // It is no longer open, and so neither hungry nor full.
    this.changed(subscriber)
    const { topic } = subscriber
    if (topic === null) return
    const key = this.#subscribers.get(subscriber)!
    this.#subscribers.delete(subscriber)
    if (topic.remove(subscriber)) this.#byKey.delete(key)
    subscriber.topic = null
    if (subscriber.isLossy) this.#lossy--
    this.#wentSlow = subscriber.wentSlow
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

/** Items that may be published in a row before others have their turn. */
const RUN = 64
