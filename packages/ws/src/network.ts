/** What a page's platform says of the network and of the page itself; elsewhere it says nothing. */

/** Whether the platform knows that there is no network. */
export function isOffline(): boolean {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.onLine === false
}

/**
 * Calls `woken` whenever it may pay to try at once: the network is back, a frozen page goes on, or one comes
 * back from the browser's cache.
 *
 * @returns stops it
 */
export function onWake(woken: () => void): () => void {
  const targets: [Partial<EventTarget> | undefined, string][] = [
    [globalThis as Partial<EventTarget>, 'online'],
    [globalThis as Partial<EventTarget>, 'pageshow'],
    [globalThis.document as Partial<EventTarget> | undefined, 'resume'],
  ]
  for (const [target, type] of targets) target?.addEventListener?.(type, woken)
  return () => {
    for (const [target, type] of targets) target?.removeEventListener?.(type, woken)
  }
}
