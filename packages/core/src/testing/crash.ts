import { currentTask } from './current.ts'
import type { World } from './task.ts'

interface Events {
  rawListeners?(event: string): Function[]
  removeAllListeners(event: string): unknown
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}
type Listener = (reason: unknown, promise: Promise<unknown>) => void

const { process } = globalThis as { process?: Events }
const EVENT = 'unhandledRejection'

const worlds = new Map<World, (error: unknown) => void>()
let others: Listener[] = []

function heard(reason: unknown, promise: Promise<unknown>): void {
  const world = currentTask()?.world
  const fail = world ? worlds.get(world) : undefined
  if (fail !== undefined) fail(reason)
  else if (others.length > 0) for (const listener of others) listener.call(process, reason, promise)
  // What the host does where nobody listens.
  else throw reason
}

/**
 * Watches for rejections that nobody handles. Such a one ends a program; in a simulation it is the simulation that ends:
 * `fail` is told, and nobody else. Returns what stops this.
 */
export function watchCrashes(world: World, fail: (error: unknown) => void): () => void {
  if (worlds.size === 0 && process?.rawListeners !== undefined) {
    others = process.rawListeners(EVENT) as Listener[]
    process.removeAllListeners(EVENT)
    process.on(EVENT, heard)
  }
  worlds.set(world, fail)
  return () => {
    worlds.delete(world)
    if (worlds.size > 0 || process?.rawListeners === undefined) return
    process.off(EVENT, heard)
    for (const listener of others) process.on(EVENT, listener)
  }
}
