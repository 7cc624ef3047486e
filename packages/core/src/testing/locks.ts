import { isChannel } from './names.ts'
import type { Task } from './task.ts'

/**
 * Who holds what. Locks tell; of channels with room for one value, which may serve as locks, it is a guess: such a
 * channel is held by whoever sent last while it is full, and by whoever received last while it is empty.
 */
class Locks {
  /** The task that has each part of a lock. */
  readonly #holders = new WeakMap<object, Map<unknown, Task | null>>()
  readonly #senders = new WeakMap<object, Task>()
  readonly #receivers = new WeakMap<object, Task>()

  acquired(lock: object, hold: unknown, task: Task | null): void {
    const holders = this.#holders.get(lock)
    if (holders === undefined) this.#holders.set(lock, new Map([[hold, task]]))
    else holders.set(hold, task)
  }

  released(lock: object, hold: unknown): void {
    this.#holders.get(lock)?.delete(hold)
  }

  sent(channel: object, task: Task): void {
    this.#senders.set(channel, task)
  }

  received(channel: object, task: Task): void {
    this.#receivers.set(channel, task)
  }

  /** Who stands in the way of `task`, which waits for `target`. */
  holders(target: object, task: Task | null): Task[] {
    const known = this.#holders.get(target)
    if (known !== undefined) return [...new Set(known.values())].filter((holder) => holder !== null)
    if (!isChannel(target) || target.capacity !== 1) return []
    const holder = (target.length === 0 ? this.#receivers : this.#senders).get(target)
    return holder === undefined || holder === task ? [] : [holder]
  }
}

export const locks: Locks = new Locks()
