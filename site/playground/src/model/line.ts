import type { Part } from './part.ts'
import type { Task } from './task.ts'
import type { Tube } from './tube.ts'
import type { Value, Values } from './value.ts'

/**
 * The values on their way from senders to receivers, through one channel or through several that lead into each other.
 * It decides nothing: channels are first in, first out, so of the values that were offered and not received the first
 * `length` are in the buffer, and the others are with senders that wait.
 *
 * Invariants, after `settle`:
 * 1. `#line` has the values that were offered and neither received, dropped nor lost, oldest first.
 * 2. As many of them are in each tube as its channel's `length` says; fewer only if the channel has some that no task
 *    of the page has sent.
 */
export class Line {
  readonly #values: Values
  /** In the order in which values go through them. */
  readonly #tubes: readonly Tube[]
  readonly #dropsOldest: boolean
  #line: Value[] = []
  /** By number, in the order in which they were offered, while they may still arrive. */
  readonly #offered = new Map<number, Value>()
  #dropped = 0

  constructor(values: Values, tubes: readonly Tube[], overflow = 'wait') {
    this.#values = values
    this.#tubes = tubes
    this.#dropsOldest = overflow === 'drop-oldest'
  }

  /** `value` is about to be sent by the task that it is at. */
  offer(value: Value): void {
    this.#line.push(value)
    this.#offered.set(value.number, value)
  }

  /** `receiver` got the value of that number; `undefined` if no task of the page has sent it. */
  take(number: number, receiver: Task): Value | undefined {
    const value = this.#offered.get(number)
    if (value === undefined) return undefined
    const before = new Set<Value>()
    for (const one of this.#offered.values()) {
      this.#offered.delete(one.number)
      if (one === value) break
      before.add(one)
    }
    this.#values.revive(value)
    // What was offered earlier and not received was dropped.
    for (const one of this.#line) if (before.has(one)) this.#drop(one)
    this.#line = this.#line.filter((one) => one !== value && !before.has(one))
    value.moveTo(receiver, 0, this.#after(value.part))
    this.settle()
    return value
  }

  /** The sends of a task that ended did not happen, but for those that had happened before. */
  withdraw(task: Task): void {
    this.settle()
    for (const value of this.#line) if (value.part === task) this.#values.end(value, 'lost')
    this.#line = this.#line.filter((value) => value.end === undefined)
  }

  /** Brings the places of the values up to what the channels say now. */
  settle(): void {
    this.#dropOverflow()
    let next = 0
    for (const tube of this.#tubes.toReversed()) {
      for (let index = 0; index < tube.channel.length && next < this.#line.length; index++) {
        const value = this.#line[next++]!
        const ahead = this.#after(value.part)
        value.moveTo(tube, index, ahead.slice(0, ahead.indexOf(tube)))
      }
    }
  }

  /** The channel says how many it has dropped, and its policy says which. */
  #dropOverflow(): void {
    const { dropped = 0, length } = this.#tubes[0]!.channel
    while (this.#dropped < dropped) {
      const [value] = this.#line.splice(this.#dropsOldest ? 0 : length, 1)
      if (value === undefined) this.#dropped = dropped
      else this.#drop(value)
    }
  }

  #drop(value: Value): void {
    this.#dropped++
    value.moveTo(this.#tubes[0]!, this.#dropsOldest ? 0 : Infinity)
    this.#values.end(value, 'dropped')
  }

  /** The tubes that come after `part`: all of them after a task. */
  #after(part: Part): readonly Tube[] {
    return this.#tubes.slice(this.#tubes.indexOf(part as Tube) + 1)
  }
}
