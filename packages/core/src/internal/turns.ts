/** Operations between two looks at the clock: enough to make the look free, few enough to be a fraction of a slice. */
export const BUDGET: number = 256

/** Taken at load: a test that fakes the host's timers must not stop the library from yielding to it. */
export const nextTurn: (callback: () => void) => void = hostTurn()

function hostTurn(): typeof nextTurn {
  try {
    clearImmediate(setImmediate(() => {}))
    return setImmediate
  } catch {
    // There is none, or one that throws: that of Next.js at the edge.
  }
  // A page rounds a timeout up to 4 ms.
  if (typeof MessageChannel !== 'function') return setTimeout
  let callbacks: (() => void)[] = []
  return (callback) => {
    if (callbacks.push(callback) > 1) return
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      // In Node, one that is open keeps the process alive.
      port1.close()
      const due = callbacks
      callbacks = []
      for (const callback of due) callback()
    }
    port2.postMessage(undefined)
  }
}
