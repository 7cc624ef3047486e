import type { Alarm } from '../internal/alarms.ts'
import { ContextNode } from '../internal/context-node.ts'
import { Semaphore } from '../sync/semaphore.ts'
import { isChannel, nameOf } from './names.ts'

/** A thing that operations wait for, in words. */
export interface Described {
  readonly name: string
  /** How full it is, or what else there is to know. */
  readonly state: string
}

/** @param now in ms of the clock that timers run by */
export function describeTarget(on: object, now: number): Described {
  if (isTimer(on)) {
    const due = on.at === Infinity ? 'never due' : `due in ${rounded(on.at - now)} ms`
    return { name: 'timer', state: due }
  }
  if (on instanceof ContextNode) {
    return { name: 'done', state: 'of a context' }
  }
  if (isChannel(on)) return { name: nameOf(on), state: fillOf(on) }
  if (on instanceof Semaphore) {
    return { name: nameOf(on), state: `${on.available} of ${on.size} free` }
  }
  return { name: nameOf(on), state: '' }
}

/** A duration as people read it. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function isTimer(thing: object): thing is Alarm {
  return typeof (thing as Partial<Alarm>).ring === 'function' && 'at' in thing
}

function fillOf({ length, capacity }: { readonly length: number; readonly capacity: number }): string {
  if (capacity === 0) return 'unbuffered'
  const fill = length === 0 ? 'empty' : length >= capacity ? 'full' : `${length} in it`
  return `cap ${capacity}, ${fill}`
}
