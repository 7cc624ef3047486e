/** Values that a careless library unwraps, loses or runs: each call makes new ones. */
export function awkwardValues(): { readonly name: string; readonly value: unknown }[] {
  const rejected = Promise.reject(new Error('a value, not a failure'))
  rejected.catch(() => {})
  return [
    { name: 'undefined', value: undefined },
    { name: 'null', value: null },
    { name: 'false', value: false },
    { name: 'zero', value: 0 },
    { name: 'minus zero', value: -0 },
    { name: 'NaN', value: NaN },
    { name: 'a zero of any size', value: 0n },
    { name: 'an empty string', value: '' },
    { name: 'an error', value: new Error('a value') },
    { name: 'a frozen object', value: Object.freeze({}) },
    { name: 'a symbol', value: Symbol('value') },
    { name: 'a function', value: () => {} },
    { name: 'a pending promise', value: new Promise(() => {}) },
    { name: 'a resolved promise', value: Promise.resolve(42) },
    { name: 'a rejected promise', value: rejected },
    { name: 'a thenable', value: { then: forbidden } },
    { name: 'a thenable function', value: Object.assign(() => {}, { then: forbidden }) },
    { name: 'an object with a throwing then getter', value: withForbiddenGetter() },
    { name: 'a proxy that allows nothing', value: untouchable() },
    { name: 'a result that says ok: false', value: { value: undefined, ok: false } },
    { name: 'a result that says done: true', value: { value: undefined, done: true } },
  ]
}

function forbidden(): never {
  throw new Error('A value was run')
}

function withForbiddenGetter(): object {
  return Object.defineProperty({}, 'then', { get: forbidden, enumerable: true })
}

function untouchable(): object {
  return new Proxy(
    {},
    { get: forbidden, has: forbidden, getPrototypeOf: forbidden, ownKeys: forbidden, set: forbidden },
  )
}
