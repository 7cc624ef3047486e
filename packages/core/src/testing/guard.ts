import { currentTask, tellsTasks } from './current.ts'
import type { World } from './task.ts'

/** What happens at a channel of a simulation. */
export interface Visits {
  readonly world: World
  took(channel: object): void
  put(channel: object): void
}

type Method = (this: object, ...args: unknown[]) => unknown

/**
 * Keeps a channel to the simulation that it was made in: a call from outside throws, because another clock runs there,
 * and nothing is known of those who wait there.
 */
export function guard(channel: object, visits: Visits): void {
  for (const name of ['take', 'put', 'close', 'canReceive', 'canSend', 'parkReceiver', 'parkSender']) {
    const method = (channel as Record<string, unknown>)[name] as Method | undefined
    if (method === undefined) continue
    const guarded = function (this: object, ...args: unknown[]): unknown {
      // Where the host does not tell tasks, nothing tells who is outside.
      if (tellsTasks && currentTask()?.world !== visits.world) throw outsideOf(channel)
      if (name !== 'take' && name !== 'put') return method.apply(this, args)
      const result = method.apply(this, args)
      if (name === 'take' && typeof result !== 'symbol') visits.took(channel)
      if (name === 'put' && result === true) visits.put(channel)
      return result
    }
    Object.defineProperty(channel, name, { value: guarded, configurable: true })
  }
}

function outsideOf(channel: object): Error {
  const { name } = channel as { name?: string }
  const which = name === undefined ? 'a channel' : `channel ${JSON.stringify(name)}`
  return outside(`use ${which}: it belongs to a simulation, and this is outside of it`)
}

/** What is part of a simulation was used where it does not run, or after it. */
export function outside(what: string): Error {
  return Object.assign(new Error(`Cannot ${what}`), { code: 'ERR_OUTSIDE_SIMULATION' })
}
