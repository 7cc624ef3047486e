/**
 * A first-in-first-out store of values that takes room as values arrive and gives it back.
 *
 * Invariants:
 * 1. `#slots.length` is 0 or a power of two; the values are the `length` slots from `#head` on, wrapping.
 * 2. Every other slot is `undefined`: a value that left is not kept alive.
 */
export class Ring<T> {
  #slots: (T | undefined)[] = []
  #head = 0
  length = 0

  push(value: T): void {
    if (this.length === this.#slots.length) this.#resize(this.length === 0 ? SMALLEST : this.length * 2)
    this.#slots[(this.#head + this.length) & (this.#slots.length - 1)] = value
    this.length++
  }

  /** The oldest value; only to be asked for while `length > 0`. */
  get first(): T {
    return this.#slots[this.#head] as T
  }

  /** Takes the oldest value; only to be called while `length > 0`. */
  shift(): T {
    const value = this.#slots[this.#head] as T
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.length--
    // A quarter, not a half: a length that swings around one boundary must not resize at each swing.
    if (this.#slots.length > KEPT && this.length <= this.#slots.length / 4)
      this.#resize(this.#slots.length / 2)
    return value
  }

  #resize(size: number): void {
    const slots = Array.from<T | undefined>({ length: size })
    for (let i = 0; i < this.length; i++) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)]
    this.#slots = slots
    this.#head = 0
  }
}

const SMALLEST = 4
/** Slots that an empty ring may keep: enough for the usual buffer never to resize, small enough to forget. */
const KEPT = 256
