/** For programs that run many times in an exploration, or under any runner: vitest's own takes longer than they do. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) throw new Error(`expected ${String(expected)}, got ${String(actual)}`)
}
