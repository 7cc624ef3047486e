/** Whether `value` is to be awaited. Reads its `then`, which may run the user's code: only for what a call of theirs gave. */
export function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  return typeof (value as { then?: unknown }).then === 'function'
}
