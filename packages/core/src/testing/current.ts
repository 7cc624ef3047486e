import type { Task } from './task.ts'

interface AsyncStorage {
  run<R>(task: Task, f: () => R): R
  getStore(): Task | undefined
}

// Asked of the process: a bundle for browsers must not find an import of it.
const host = (globalThis as { process?: { getBuiltinModule?(id: string): unknown } }).process
const hooks = host?.getBuiltinModule?.('node:async_hooks') as
  | { AsyncLocalStorage: new () => AsyncStorage }
  | undefined
const storage: AsyncStorage | null = hooks === undefined ? null : new hooks.AsyncLocalStorage()

/** Whether the host tells which task runs. Elsewhere it is the one that a simulation woke last. */
export const tellsTasks: boolean = storage !== null
let assumed: Task | null = null

export function currentTask(): Task | null {
  return storage === null ? assumed : (storage.getStore() ?? null)
}

/** Runs `f`, and all that it leads to, as a part of `task`. */
export function runAs<R>(task: Task, f: () => R): R {
  if (storage !== null) return storage.run(task, f)
  assumed = task
  return f()
}

/** No task runs any more. Needs saying only where the host does not tell. */
export function leaveTasks(): void {
  assumed = null
}
