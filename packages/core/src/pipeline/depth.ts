/**
 * How many stages a call goes through, each of which calls the next: a pipeline may be longer than the stack. What lies
 * behind so many goes on in a microtask, where it has the stack for itself.
 */
const DEEPEST = 64
let depth = 0

/** Whether a call may not go one stage further. */
export function isDeepest(): boolean {
  return depth === DEEPEST
}

/** Calls what goes one stage further; only where `isDeepest` said that it may. */
export function deeper<T>(step: () => T): T {
  depth++
  try {
    return step()
  } finally {
    depth--
  }
}
