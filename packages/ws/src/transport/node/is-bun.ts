/**
 * Bun has a `ws` of its own, which reads and writes past the stream: what the stream says of bytes, and when, does
 * not hold.
 */
export const IS_BUN = process.versions['bun'] !== undefined
