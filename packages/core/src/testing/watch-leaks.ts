import { checkType } from '../internal/check.ts'
import { host, watchUnreachable } from './host.ts'
import type { WaitingOperation } from './task.ts'

/**
 * Calls `report` for each operation that became unreachable while it waited, in programs that run for long. Nobody can
 * reach its channel any more, so it would have waited for ever, and the task that awaits it is lost without a trace.
 * The call comes some time after the fact, when the host collects its garbage. Returns a function that stops this.
 *
 * Without `report` such an operation is written to the console as a warning.
 *
 * @throws TypeError if `report` is not a function
 * @example
 * import { watchLeaks } from 'chansel/testing'
 *
 * const stop = watchLeaks(({ operation, channel, at }) => console.warn(`lost: ${operation} ${channel} at ${at}`))
 * stop()
 */
export function watchLeaks(report: (lost: WaitingOperation) => void = warn): () => void {
  checkType('watch for leaks: report', report, 'function')
  return watchUnreachable((operation) => report(operation.reported(host.now())))
}

function warn({ operation, channel, task, at, sinceMs }: WaitingOperation): void {
  const place = `${operation} ${channel} of ${task}, called at ${at}`
  console.warn(`Nobody can reach what this waits for any more: ${place} ${Math.round(sinceMs)} ms ago`)
}
