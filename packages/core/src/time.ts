import { countOf, inspectable } from '#inspect'
import type { ReceiveChannel } from './channel.ts'
import type { Alarm } from './internal/alarms.ts'
import { checkTime } from './internal/check.ts'
import { RECEIVE_END, type ReceiveEnd, WOULD_WAIT } from './internal/end.ts'
import type { Cancel } from './internal/foreign.ts'
import { awaitFrom } from './internal/operation.ts'
import { ReadChannel } from './internal/read-channel.ts'
import { runtime } from './internal/runtime.ts'
import { alarms } from './internal/timers.ts'
import { OwnedWaitQueue, type WaitQueueOwner, type Waiter } from './internal/waiter.ts'

/** A channel that gives one value: the epoch ms at which it fired. `using` stops it. */
export interface Timer extends ReceiveChannel<number>, Disposable {
  /**
   * Prevents the timer from firing. Returns true if it had not fired, or nobody had received its value yet. No stale
   * value is left behind. Receivers keep waiting, for a `reset`.
   */
  stop(): boolean
  /**
   * Restarts the timer: it fires `ms` milliseconds from now. Returns what `stop` would have returned.
   *
   * @throws RangeError if `ms` is NaN
   * @throws TypeError if `ms` is not a number
   */
  reset(ms: number): boolean
}

/** A channel that gives the epoch ms of each tick. At most one is kept for a slow receiver. `using` stops it. */
export interface Ticker extends ReceiveChannel<number>, Disposable {
  /** Ends the ticks. The channel stays open, and receivers keep waiting, for a `reset`. */
  stop(): void
  /**
   * Ticks every `ms` milliseconds from now on.
   *
   * @throws RangeError unless `ms` is above 0
   * @throws TypeError if `ms` is not a number
   */
  reset(ms: number): void
}

/**
 * Resolves after `ms` milliseconds of the monotonic clock, never earlier.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and its timer is gone.
 * Source: Go, `time.Sleep`.
 *
 * @param ms 0 or less: at once (`yieldNow` lets others run); `Infinity`: not before it is cancelled
 * @throws RangeError if `ms` is NaN
 * @throws TypeError if `ms` is not a number
 * @example
 * await sleep(1)
 */
export function sleep(ms: number, cancel?: Cancel): Promise<void> {
  checkTime('sleep: ms', ms)
  return awaitFrom(new ClockChannel(ms, 0), cancel)
}

/**
 * A timer that nobody stops: a read channel that gives one value, the epoch ms at which it fired, `ms`
 * milliseconds from now. Made for a case of a select; nothing is left behind when another case wins.
 *
 * Source: Go, `time.After`.
 *
 * @param ms 0 or less: ready at once; `Infinity`: never
 * @throws RangeError if `ms` is NaN
 * @throws TypeError if `ms` is not a number
 * @example
 * const inbox = channel<string>()
 * const event = await select({ message: inbox, late: after(1) })
 * event.case // => 'late'
 */
export function after(ms: number): ReceiveChannel<number> {
  checkTime('make a timer: ms', ms)
  return new ClockChannel(ms, 0)
}

/**
 * A timer that fires once, `ms` milliseconds from now.
 *
 * Source: Go, `time.NewTimer` as of Go 1.23.
 *
 * @param ms 0 or less: ready at once; `Infinity`: never
 * @throws RangeError if `ms` is NaN
 * @throws TypeError if `ms` is not a number
 * @example
 * using idle = timer(60_000)
 * idle.reset(30_000) // => true
 * idle.stop() // => true
 */
export function timer(ms: number): Timer {
  checkTime('make a timer: ms', ms)
  return new ClockTimer(ms, 0)
}

/**
 * A ticker that ticks every `ms` milliseconds, the first time `ms` milliseconds from now.
 *
 * A receiver that comes late gets the first tick that it missed. The others are dropped, and the rhythm is kept.
 *
 * Source: Go, `time.NewTicker` as of Go 1.23.
 *
 * @throws RangeError unless `ms` is above 0
 * @throws TypeError if `ms` is not a number
 * @example
 * using beat = ticker(1)
 * let beats = 0
 * for await (const _ of beat) if (++beats === 3) break
 * beats // => 3
 */
export function ticker(ms: number): Ticker {
  checkPeriod('make a ticker: ms', ms)
  return new ClockTicker(ms, ms)
}

/**
 * Lets timers and I/O run: resolves in the next turn of the event loop.
 *
 * Source: Go, `runtime.Gosched`.
 *
 * @example
 * await yieldNow()
 */
export function yieldNow(): Promise<void> {
  return runtime.turn()
}

/**
 * A channel that the clock sends to. It computes its value when somebody receives; a host timer exists only
 * while somebody waits. So an unused timer costs nothing and keeps nothing alive, a due one is ready even
 * if the event loop was busy, and `stop` and `reset` cannot leave a stale value.
 *
 * Invariants:
 * 1. `at` is the moment of the next value, `Infinity` if none will come.
 * 2. The alarm is armed and held while somebody waits and `at` is finite, and only then.
 * 3. `at` does not change while the alarm is armed.
 */
class ClockChannel
  extends ReadChannel<number>
  implements ReceiveChannel<number>, ReceiveEnd<number>, Alarm, WaitQueueOwner
{
  readonly name: string | undefined = undefined
  at = 0
  slot = -1
  sequence = 0
  /** Between two ticks, in ms; 0: fires once. */
  #period = 0
  /** Whether a value is still to come, or is due and nobody has received it. */
  protected isPending = true
  #receivers: OwnedWaitQueue | null = null

  constructor(ms: number, period: number) {
    super()
    this.start(ms, period)
  }

  get [RECEIVE_END](): ReceiveEnd<number> {
    return this
  }

  // A value that is due while somebody waits is theirs: the alarm is about to give it to them.
  canReceive(): boolean {
    return !this.#hasReceiver && runtime.now() >= this.at
  }

  take(): number | typeof WOULD_WAIT {
    const now = runtime.now()
    return this.#hasReceiver || now < this.at ? WOULD_WAIT : this.#fire(now)
  }

  parkReceiver(waiter: Waiter): void {
    this.#receivers ??= new OwnedWaitQueue(this)
    this.#receivers.push(waiter)
    this.#arm()
  }

  /** The last receiver stopped waiting. */
  abandoned(): void {
    this.#disarm()
  }

  ring(): void {
    alarms().release()
    this.#serve()
  }

  static {
    inspectable(this, 'Timer', (timer) => ({
      dueInMs: Math.ceil(timer.at - runtime.now()),
      periodMs: timer.#period,
      waitingReceivers: countOf(timer.#receivers),
    }))
  }

  get #hasReceiver(): boolean {
    return this.#receivers !== null && this.#receivers.first !== null
  }

  /** Makes the value that is due, and goes on to the next. */
  #fire(now: number): number {
    // Rounded up: never earlier than the moment itself.
    const firedAt = Math.ceil(runtime.epochNow() + (this.at - now))
    if (this.#period === 0) this.isPending = false
    const missed = Math.floor((now - this.at) / this.#period)
    const next = this.at + this.#period * (missed + 1)
    // A period that the clock cannot tell from 0 has missed more ticks than there are numbers.
    this.at = this.#period === 0 ? Infinity : missed === Infinity ? now : next
    return firedAt
  }

  protected start(ms: number, period: number): void {
    this.#disarm()
    this.at = runtime.now() + Math.max(0, ms)
    this.sequence = alarms().nextSequence()
    this.#period = period
    this.isPending = true
    this.#serve()
  }

  protected halt(): void {
    this.#disarm()
    this.at = Infinity
    this.isPending = false
  }

  /** Gives what is due to whoever waits longest, and sets the alarm for the others. */
  #serve(): void {
    const now = runtime.now()
    while (this.#hasReceiver && now >= this.at) this.#receivers!.shift()!.deliver(this.#fire(now))
    this.#arm()
  }

  #arm(): void {
    if (this.slot >= 0 || this.at === Infinity || !this.#hasReceiver) return
    alarms().hold()
    alarms().arm(this)
  }

  #disarm(): void {
    if (this.slot < 0) return
    alarms().disarm(this)
    alarms().release()
  }
}

class ClockTimer extends ClockChannel implements Timer {
  stop(): boolean {
    const wasPending = this.isPending
    this.halt()
    return wasPending
  }

  reset(ms: number): boolean {
    checkTime('reset a timer: ms', ms)
    const wasPending = this.isPending
    this.start(ms, 0)
    return wasPending
  }

  [Symbol.dispose](): void {
    this.halt()
  }
}

class ClockTicker extends ClockChannel implements Ticker {
  stop(): void {
    this.halt()
  }

  reset(ms: number): void {
    checkPeriod('reset a ticker: ms', ms)
    this.start(ms, ms)
  }

  [Symbol.dispose](): void {
    this.halt()
  }
}

function checkPeriod(what: string, ms: number): void {
  checkTime(what, ms)
  if (ms <= 0) throw new RangeError(`Cannot ${what} must be above 0, got ${ms}`)
}
