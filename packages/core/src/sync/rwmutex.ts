import { countOf, inspectable } from '#inspect'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { waitIn } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { SharedWaitQueue, WaitQueue, type Waiter, isBeingCanceled } from '../internal/waiter.ts'
import { type Guard, HeldGuard, type Holdable, RELEASE } from './guard.ts'

/**
 * A lock that one writer holds at a time, or any number of readers. Writers and readers take turns, so neither can
 * keep the other out for ever.
 *
 * A task that reads must not ask to read again before it has released: a writer that came in between would wait for
 * the first read, and keep out the second.
 *
 * Source: Go, `sync.RWMutex`.
 *
 * @example
 * import { RWMutex } from 'chansel/sync'
 *
 * const mu = new RWMutex()
 * const readers = [await mu.rlock(), await mu.rlock()]
 * mu.tryLock() // => undefined
 * for (const guard of readers) guard.release()
 * mu.tryLock() === undefined // => false
 */
export class RWMutex implements Holdable {
  /*
   * Invariants, after each call:
   * 1. A writer holds it, or `#readers` readers do, or nobody.
   * 2. A writer waits only while somebody holds it, a reader only while a writer holds it or waits.
   */
  #hasWriter = false
  #readers = 0
  readonly #waitingWriters: WaitQueue = new SharedWaitQueue(() => this.#writerLeft())
  readonly #waitingReaders: WaitQueue = new WaitQueue()

  constructor() {
    runtime.observer?.made(this)
  }

  /**
   * Waits until nobody else reads or writes, and keeps all others out until the guard is released.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and does not hold the lock. A cancel that has
   *   already fired wins over a free lock; one that fires after the lock was handed over changes nothing. If no other
   *   writer waits, the readers that waited behind this one enter.
   * Fairness: first in, first out among writers. While one waits, no new reader enters.
   */
  lock(cancel?: Cancel): Promise<Guard> {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    const guard = this.tryLock()
    if (guard === undefined) return waitIn(this.#waitingWriters, 'lock', this, cancellation)
    return runtime.succeeded(guard)
  }

  /** Takes the lock for writing, without waiting: `undefined` where `lock` would wait. */
  tryLock(): Guard | undefined {
    if (this.#hasWriter || this.#readers > 0) return undefined
    return this.#write(null)
  }

  /**
   * Waits until nobody writes, and keeps writers out until the guard is released.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and does not hold the lock. A cancel that has
   *   already fired wins over a free lock; one that fires after the lock was given changes nothing.
   * Fairness: when a writer releases, all readers that wait at that moment enter together, before the next writer.
   */
  rlock(cancel?: Cancel): Promise<Guard> {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    const guard = this.tryRLock()
    if (guard === undefined) return waitIn(this.#waitingReaders, 'rlock', this, cancellation)
    return runtime.succeeded(guard)
  }

  /** Takes the lock for reading, without waiting: `undefined` where `rlock` would wait, also behind a writer. */
  tryRLock(): Guard | undefined {
    if (this.#hasWriter || this.#waitingWriters.first !== null) return undefined
    return this.#read(null)
  }

  /** @param operation the one that waited for it, if it had to be waited for */
  #write(operation: Waiter | null): HeldGuard {
    this.#hasWriter = true
    return this.#guard(WRITER, operation)
  }

  #read(operation: Waiter | null): HeldGuard {
    this.#readers++
    return this.#guard(READER, operation)
  }

  #guard(amount: number, operation: Waiter | null): HeldGuard {
    const guard = new HeldGuard(this, amount)
    runtime.observer?.acquired(this, guard, operation)
    return guard
  }

  [RELEASE](guard: HeldGuard): void {
    runtime.observer?.released(this, guard)
    if (guard.amount === READER) {
      if (--this.#readers === 0) this.#admitWriter()
      return
    }
    this.#hasWriter = false
    this.#admitReaders()
    if (this.#readers === 0) this.#admitWriter()
  }

  /** A writer that waited gave up: perhaps it was what kept the readers out. */
  #writerLeft(): void {
    if (!this.#hasWriter && this.#waitingWriters.first === null) this.#admitReaders()
  }

  #admitReaders(): void {
    for (let reader = this.#waitingReaders.shift(); reader; reader = this.#waitingReaders.shift()) {
      // One whose cancel is under way hears of that in a moment, and need not stand in line for it.
      if (isBeingCanceled(reader)) continue
      reader.commit(this.#read(reader))
    }
  }

  #admitWriter(): void {
    const writer: Waiter | null = this.#waitingWriters.shift()
    if (writer === null) return
    writer.commit(this.#write(writer))
  }

  static {
    inspectable(this, 'RWMutex', (mu) => ({
      writing: mu.#hasWriter,
      readers: mu.#readers,
      waitingWriters: countOf(mu.#waitingWriters),
      waitingReaders: countOf(mu.#waitingReaders),
    }))
  }
}

/** What a guard holds. */
const READER = 1
const WRITER = 2
