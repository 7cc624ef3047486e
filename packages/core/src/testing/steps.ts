/** Counts the steps of a test. */
export interface Steps {
  /**
   * This is step `n`.
   *
   * @throws Error unless step `n - 1` was the last
   */
  (n: number): void
  /**
   * This is the end, after step `n`.
   *
   * @throws Error unless that was the last
   */
  end(n: number): void
}

/**
 * Numbered steps: a test says in which order its parts happen, and fails where they do not.
 *
 * @example
 * import { channel } from 'chansel'
 * import { steps } from 'chansel/testing'
 *
 * const step = steps()
 * const done = channel<void>()
 * const waiting = done.receive().then(() => step(2))
 * step(1)
 * await done.send()
 * await waiting
 * step.end(2)
 */
export function steps(): Steps {
  let last = 0
  const step = (n: number): void => {
    if (n !== last + 1) throw new Error(`Cannot take step ${n}: the last was ${last}`)
    last = n
  }
  const end = (n: number): void => {
    if (n !== last) throw new Error(`Cannot end after step ${n}: the last was ${last}`)
  }
  return Object.assign(step, { end })
}
