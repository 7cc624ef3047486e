import { rounded } from './describe.ts'
import type { Report } from './errors.ts'
import { locks } from './locks.ts'
import { nameOf } from './names.ts'
import { type Operation, Task, type WaitingOperation } from './task.ts'

/**
 * Who waits where, for how long, and for whom.
 *
 * @param now of the clock that the waiting is measured by
 * @param unseen tasks that wait for something of which nothing is known
 */
export function reportOn(
  operations: readonly Operation[],
  now: number,
  unseen: readonly Task[] = [],
): Report {
  const sorted = [...operations].sort((a, b) => orderOf(a) - orderOf(b))
  const waiting = sorted.map((operation) => described(operation, now))
  const rows = waiting.map(({ task, operation, channel, state, at, sinceMs }) => {
    const what = `blocked on ${operation} ${channel}${state && ` (${state})`}`
    return [task, what, at, `for ${rounded(sinceMs)} ms`]
  })
  for (const task of unseen) {
    rows.push([
      task.name,
      'awaits something that cannot be seen',
      `started at ${task.startedAt.toString()}`,
      '',
    ])
  }
  const cycle = cycleIn(sorted)
  const lines = inColumns(rows)
  if (cycle.length > 0) lines.push(`cycle: ${cycle.join(' → ')}`)
  return { text: lines.join('\n'), waiting, cycle }
}

function orderOf({ task }: Operation): number {
  return task?.order ?? -1
}

/** Rows of cells, each column as wide as its widest cell. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
}

/** The operation, and who stands in its way. */
export function described(operation: Operation, now: number): WaitingOperation {
  const waiting = operation.reported(now)
  const { target, task } = operation
  const holders = target === undefined ? [] : locks.holders(target, task)
  if (holders.length === 0) return waiting
  const names = holders.map(({ name, isDone }) => (isDone ? `${name}, which ended` : name)).join(', ')
  // A group or a call is waited for until it is over: then these are the tasks in it. A lock is held by them.
  const held = `${operation.verb === 'wait' ? 'running' : 'held by'} ${names}`
  return { ...waiting, state: waiting.state === '' ? held : `${waiting.state}, ${held}` }
}

/** The names of tasks and of what they wait for, in a circle; empty if there is none. */
function cycleIn(operations: readonly Operation[]): string[] {
  const edges = new Map<Task, { through: object; to: Task }[]>()
  for (const { task, target } of operations) {
    if (task === null || target === undefined) continue
    const from = edges.get(task) ?? []
    for (const to of waitsFor(target, task)) from.push({ through: target, to })
    edges.set(task, from)
  }
  for (const start of edges.keys()) {
    const path = pathBack(start, start, edges, new Set())
    if (path !== null) return [start.name, ...path]
  }
  return []
}

function waitsFor(target: object, task: Task): Task[] {
  return target instanceof Task ? [target] : locks.holders(target, task)
}

function pathBack(
  at: Task,
  start: Task,
  edges: Map<Task, { through: object; to: Task }[]>,
  seen: Set<Task>,
): string[] | null {
  seen.add(at)
  for (const { through, to } of edges.get(at) ?? []) {
    const step = through instanceof Task ? [to.name] : [nameOf(through), to.name]
    if (to === start) return step
    const rest = seen.has(to) ? null : pathBack(to, start, edges, seen)
    if (rest !== null) return [...step, ...rest]
  }
  return null
}
