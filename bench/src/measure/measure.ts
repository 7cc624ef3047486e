import type { Load } from '../library.ts'
import type { Run } from './protocol.ts'

/**
 * One run, with the CPU time of the process as the figure to trust: on a shared machine the wall shows the
 * others' work, too.
 *
 * Nothing is collected before it: after a collection that a program asks for, the engine of JavaScript forgets so
 * much of what it learnt that the first tens of milliseconds cost up to seven times as much, some libraries'
 * more than others'. A run pays for garbage of its own kind, which is what it would pay anyway.
 */
export async function measure(load: Load, n: number): Promise<Run> {
  const cpuBefore = process.cpuUsage()
  const wallBefore = process.hrtime.bigint()
  const observed = await load(n)
  const wallNs = Number(process.hrtime.bigint() - wallBefore)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { n, cpuNs: (user + system) * 1_000, wallNs, observed }
}
