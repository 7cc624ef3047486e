/**
 * The reason of a failure, also of one that came without any. A channel that is closed with `undefined` ends, and a
 * failure must not look like an end.
 */
export function reasonOf(reason: unknown, what: string): unknown {
  return reason === undefined ? new Error(`Cannot ${what}: it failed without a reason`) : reason
}
