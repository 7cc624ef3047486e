/** What a receive resolves to: with a value, and at the end. */
export const got = <T>(value: T) => ({ value, ok: true })
export const CLOSED = { value: undefined, ok: false }
