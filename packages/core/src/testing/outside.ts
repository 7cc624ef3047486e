import { currentTask } from './current.ts'
import type { World } from './task.ts'

/*
 * What a simulation cannot see: files, sockets and timers of the host. Node tells of each when it begins, so there it
 * is known whether anything can still come. Elsewhere it is not.
 */

interface AsyncHook {
  enable(): void
  disable(): void
}

interface AsyncHooks {
  createHook(callbacks: {
    init?(id: number, type: string, trigger: number, resource: object): void
    before?(id: number): void
  }): AsyncHook
}

interface Process {
  versions?: Record<string, string>
  getBuiltinModule?(id: string): unknown
  getActiveResourcesInfo?(): string[]
}

const { process } = globalThis as { process?: Process }
const isNode = process?.versions?.['bun'] === undefined && process?.versions?.['deno'] === undefined
const hooks = isNode ? (process?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined) : undefined

/** What a simulation began outside. */
interface Begun {
  /** They know whether they are active. */
  handles: { hasRef(): boolean }[]
  hasRequests: boolean
  /** Jobs of the host's threads that were not called back yet. One that is done at once never is. */
  readonly jobs: Map<number, { ondone?: unknown }>
  /** Streams that have a buffer while they work on it. */
  readonly compressors: { buffer?: unknown }[]
}

/** What each simulation that runs began outside. */
const begun = new Map<World, Begun>()
// No `destroy`: being told of that costs each promise of the program more than all the rest here.
const hook = hooks?.createHook({
  init(id, type, _trigger, resource) {
    const task = currentTask()
    if (type === 'PROMISE' && task !== null) task.promises++
    if (INNER.has(type)) return
    const world = task?.world
    const record = world && begun.get(world)
    if (!record) return
    if ('hasRef' in resource) record.handles.push(resource as { hasRef(): boolean })
    else if (type === 'ZLIB') record.compressors.push(resource)
    else if (JOB.test(type)) {
      record.jobs.set(id, resource)
      jobHook!.enable()
    } else record.hasRequests = true
  },
})
/** Enabled only from the first job on: it is told of each promise, too. */
const jobHook = hooks?.createHook({
  before(id) {
    for (const { jobs } of begun.values()) jobs.delete(id)
  },
})
/** `SCRYPTREQUEST` and the like: no handle, and on no list. */
const JOB = /^(?!HTTP).+REQUEST$/
/** What takes no more than the turn that a simulation waits anyway. */
const INNER = new Set(['PROMISE', 'TickObject', 'Immediate', 'Microtask'])

/** Notes what `world` begins outside. Returns what stops it. */
export function watchOutside(world: World): () => void {
  if (begun.size === 0) hook?.enable()
  begun.set(world, { handles: [], hasRequests: false, jobs: new Map(), compressors: [] })
  return () => {
    begun.delete(world)
    if (begun.size > 0) return
    hook?.disable()
    jobHook?.disable()
  }
}

/** Whether anything of `world` is under way outside; `undefined` where the host does not tell. */
export function isUnderWay(world: World): boolean | undefined {
  const record = begun.get(world)
  if (hook === undefined || record === undefined) return undefined
  record.handles = record.handles.filter((handle) => handle.hasRef())
  for (const [id, { ondone }] of record.jobs) if (ondone === undefined) record.jobs.delete(id)
  if (record.handles.length > 0 || record.jobs.size > 0) return true
  if (record.compressors.some(({ buffer }) => buffer != null)) return true
  // A request does not tell that it is over; the host has a list of all.
  return record.hasRequests && process!.getActiveResourcesInfo!().some((kind) => kind.includes('Req'))
}

/**
 * Resolves after `ms` milliseconds of the host. Not with an alarm of the library: where the host does not tell tasks, a
 * look at the library's clock is one at that of the simulation.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

// Taken at load: a test that fakes the host's timers must not stop the time that passes outside.
const { setTimeout } = globalThis
/** Milliseconds of the host's clock. */
export const outsideNow: () => number = performance.now.bind(performance)
