const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Lets the objects of a class be printed, by `console.log` for example, as `kind { …state }`, on one line. */
export function inspectable<T extends object>(
  { prototype }: { readonly prototype: T },
  kind: string,
  stateOf: (thing: T) => object,
): void {
  function shown(
    this: T,
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ) {
    return `${kind} ${inspect(stateOf(this), { ...options, breakLength: Infinity })}`
  }
  Object.defineProperty(prototype, INSPECT, { value: shown })
}
