import { readFile } from 'node:fs'
import type { Load } from '../../../library.ts'
import { quantile } from '../../../measure/statistics.ts'
import type { PingPong } from '../loads/ping-pong.ts'

/**
 * Two tasks ping-pong for `durationMs`, and meanwhile timers of 1 ms and reads of a file take place, or do not.
 * The tasks look at the clock themselves, since in a starved loop nobody could tell them to stop.
 */
export function starvation(pingPong: PingPong): Load {
  return async (durationMs) => {
    const startedAt = performance.now()
    const timersLateMs: number[] = []
    const readsMs: number[] = []
    let isOver = false
    const timers = repeat(
      () => isOver,
      async () => {
        const before = performance.now()
        await new Promise((resolve) => setTimeout(resolve, 1))
        timersLateMs.push(Math.max(0, performance.now() - before - 1))
      },
    )
    const reads = repeat(
      () => isOver,
      async () => {
        const before = performance.now()
        // The callback form reads in several steps, each of which needs a turn of the loop.
        await new Promise<void>((resolve, reject) => {
          readFile(process.argv[1]!, (error) => (error === null ? resolve() : reject(error)))
        })
        readsMs.push(performance.now() - before)
      },
    )
    const roundTrips = await pingPong((made) => made % 64 !== 0 || performance.now() - startedAt < durationMs)
    const elapsedMs = performance.now() - startedAt
    isOver = true
    await Promise.all([timers, reads])
    return {
      timerLateMedianMs: quantile(timersLateMs, 0.5),
      timerLateP95Ms: quantile(timersLateMs, 0.95),
      readFileMedianMs: quantile(readsMs, 0.5),
      readFileP95Ms: quantile(readsMs, 0.95),
      roundTripsPerSecond: (roundTrips * 1_000) / elapsedMs,
    }
  }
}

async function repeat(isOver: () => boolean, step: () => Promise<void>): Promise<void> {
  while (!isOver()) await step()
}
