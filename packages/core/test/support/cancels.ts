import { onTestFinished, vi } from 'vitest'
import { type Cancel, background, withCancel } from 'chansel'

/** How many listeners are at any `AbortSignal`, of those that were added from now on. */
export function countListeners(): { readonly count: number } {
  const listening = new Map<AbortSignal, Set<unknown>>()
  const { addEventListener, removeEventListener } = AbortSignal.prototype
  vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
    this: AbortSignal,
    ...given: unknown[]
  ) {
    listening.set(this, (listening.get(this) ?? new Set()).add(given[1]))
    Reflect.apply(addEventListener, this, given)
  })
  vi.spyOn(AbortSignal.prototype, 'removeEventListener').mockImplementation(function (
    this: AbortSignal,
    ...given: unknown[]
  ) {
    listening.get(this)?.delete(given[1])
    Reflect.apply(removeEventListener, this, given)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  return {
    get count() {
      return [...listening.values()].reduce((count, { size }) => count + size, 0)
    },
  }
}

/** What is cancelled in a sweep: a context of ours, and the platform's. */
export const cancels: readonly { of: string; make: () => Stoppable }[] = [
  {
    of: 'a context',
    make: () => {
      const ctx = withCancel(background())
      return Object.assign(ctx, { stop: () => ctx.cancel() })
    },
  },
  {
    of: 'an AbortController',
    make: () => {
      const controller = new AbortController()
      return { signal: controller.signal, stop: () => controller.abort() }
    },
  },
]

export type Stoppable = Cancel & { stop(): void }
