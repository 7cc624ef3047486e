import type { Alarm } from '../internal/alarms.ts'
import { Cancellation } from '../internal/cancellation.ts'

/** A thing that operations wait for, in words. */
export interface Described {
  readonly name: string
  /** How full it is, or what else there is to know. */
  readonly state: string
}

/** @param now in ms of the clock that timers run by */
export function describeTarget(on: object, now: number): Described {
  if (isTimer(on)) {
    const due = on.at === Infinity ? 'stopped' : `due in ${rounded(on.at - now)} ms`
    return { name: 'timer', state: due }
  }
  if (on instanceof Cancellation) {
    return { name: 'done', state: 'of a context' }
  }
  if (isChannel(on)) return { name: nameOf(on), state: fillOf(on) }
  return { name: nameOf(on), state: '' }
}

/** The name that its maker gave it. */
export function givenName(thing: object): string | undefined {
  const { name } = thing as { name?: unknown }
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** That name, or a number among those without. */
export function nameOf(thing: object): string {
  const given = givenName(thing)
  if (given !== undefined) return given
  const kind = isChannel(thing) ? 'channel' : thing.constructor === Object ? 'never' : thing.constructor.name
  const number = numbers.get(thing)
  return number === undefined ? kind : `${kind} #${number}`
}

/** Tells things without a name apart, by the order in which they were made. */
export function number(thing: object, count: number): void {
  numbers.set(thing, count)
}

const numbers = new WeakMap<object, number>()

/** A duration as people read it. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

interface ChannelLike {
  readonly length: number
  readonly capacity: number
}

export function isChannel(thing: object): thing is ChannelLike {
  const { length, capacity } = thing as Partial<ChannelLike>
  return typeof length === 'number' && typeof capacity === 'number'
}

function isTimer(thing: object): thing is Alarm {
  return typeof (thing as Partial<Alarm>).ring === 'function' && 'at' in thing
}

function fillOf({ length, capacity }: ChannelLike): string {
  if (capacity === 0) return 'unbuffered'
  const fill = length === 0 ? 'empty' : length >= capacity ? 'full' : `${length} in it`
  return `cap ${capacity}, ${fill}`
}
