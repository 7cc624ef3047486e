/** Bun has a `ws` of its own, which reads and writes past the stream: what that says of bytes, and when, is not so. */
export const IS_BUN = process.versions['bun'] !== undefined
