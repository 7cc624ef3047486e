import type { Line } from './waiter.ts'

// For a page `no-inspect.ts` takes the place of this file: nobody asks there.

/** The method that Node, Deno and Bun call to print an object. Found by its symbol, it needs no import of theirs. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Lets the objects of a class be printed, by `console.log` for example, as `kind { …state }`, on one line. */
export function inspectable<T extends object>(
  { prototype }: { readonly prototype: T },
  kind: string | ((thing: T) => string),
  stateOf: (thing: T) => object,
): void {
  function shown(
    this: T,
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ) {
    const name = typeof kind === 'string' ? kind : kind(this)
    return `${name} ${inspect(stateOf(this), { ...options, breakLength: Infinity })}`
  }
  Object.defineProperty(prototype, INSPECT, { value: shown })
}

/** Lets the objects of a class be printed as what they stand for. */
export function inspectableAs<T extends object>(
  { prototype }: { readonly prototype: T },
  other: (thing: T) => unknown,
): void {
  function shown(this: T) {
    return other(this)
  }
  Object.defineProperty(prototype, INSPECT, { value: shown })
}

/** A line, as far as counting needs it. */
interface Counted extends Pick<Line, 'first'> {
  /** How many wait besides those in the line, while there are any in it. */
  readonly besides?: number
}

/** How many wait in a line. */
export function countOf(line: Counted | null): number {
  const first = line === null ? null : line.first
  let count = 0
  for (let at = first; at !== null; at = at.next === first ? null : at.next) count++
  return count + (line?.besides ?? 0)
}
