/** What reports call channels, locks and tasks. */

/** The name that its maker gave it. */
export function givenName(thing: object): string | undefined {
  const { name } = thing as { name?: unknown }
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** That name, or its kind with a number that tells it from others without a name. */
export function nameOf(thing: object): string {
  const given = givenName(thing)
  if (given !== undefined) return given
  const number = numbers.get(thing)
  return number === undefined ? kindOf(thing) : `${kindOf(thing)} #${number}`
}

function kindOf(thing: object): string {
  if (isChannel(thing)) return 'channel'
  return thing.constructor === Object ? 'never' : thing.constructor.name
}

interface ChannelLike {
  readonly length: number
  readonly capacity: number
}

export function isChannel(thing: object): thing is ChannelLike {
  const { length, capacity } = thing as Partial<ChannelLike>
  return typeof length === 'number' && typeof capacity === 'number'
}

const numbers = new WeakMap<object, number>()

/** Counts what has no name, each kind by itself, in the order in which it was made. */
export class Numbers {
  readonly #counts = new Map<string, number>()

  number(thing: object): void {
    numbers.set(thing, this.#next(kindOf(thing)))
  }

  /** `kind 2` for the second task of a kind whose function has no name; `f`, then `f 2`, for those that run `f`. */
  taskName(kind: string, f: Function): string {
    if (f.name === '') return `${kind} ${this.#next(kind)}`
    const count = this.#next(f.name)
    return count === 1 ? f.name : `${f.name} ${count}`
  }

  #next(kind: string): number {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    return count
  }
}
