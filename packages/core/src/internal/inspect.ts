import type { Line } from './waiter.ts'

/** The method that Node, Deno and Bun ask what to print, and what says it to them without an import of any. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** What such a method is given: how deep it may look, options, and the host's `inspect`. */
export type Inspecting = readonly [
  depth: number,
  options: object,
  inspect: (value: object, options: object) => string,
]

/** `Kind { key: value, … }`, on one line. */
export function shown(kind: string, state: object, [, options, inspect]: Inspecting): string {
  return `${kind} ${inspect(state, { ...options, breakLength: Infinity })}`
}

/** How many wait in a line. */
export function countOf(line: Pick<Line, 'first'> | null): number {
  const first = line === null ? null : line.first
  let count = 0
  for (let at = first; at !== null; at = at.next === first ? null : at.next) count++
  return count
}
