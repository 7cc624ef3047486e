import { Peer } from './peer.ts'
import type { Reply, Run } from './protocol.ts'

/** A load of a library, as it is measured. */
export interface Measurement {
  readonly library: string
  readonly load: string
  readonly peer: Peer
  /** A number of items that must not change: a thousand primes are a thousand primes. */
  readonly items: number | undefined
}

export interface Rounds {
  readonly n: number
  /** One for each round; `null` where a slow load sat a round out. */
  readonly runs: (Run | null)[]
  readonly failed?: string
}

export interface Effort {
  readonly rounds: number
  /** CPU time of one run. */
  readonly targetMs: number
  /** A run that takes longer than this hangs. */
  readonly limitMs: number
}

const FEW = 64
/** Runs of a load with a fixed number of items may be long: after this much CPU time in all, two rounds are enough. */
const PATIENCE_MS = 3_000

/**
 * Warms up all measurements, then runs them in rounds: each once a round, in an order that rotates, so that what
 * disturbs the machine for a while disturbs all of them, and no one always runs in the wake of the same other.
 */
export async function measureInRounds(
  measurements: readonly Measurement[],
  effort: Effort,
  progress: (text: string) => void,
): Promise<Map<Measurement, Rounds>> {
  const outcomes = new Map<Measurement, Rounds>()
  for (const measurement of measurements) {
    progress(`${measurement.load}: warming up ${measurement.library}`)
    outcomes.set(measurement, await warmUp(measurement, effort))
  }
  for (let round = 0; round < effort.rounds; round++) {
    progress(`${measurements[0]?.load ?? ''}: round ${round + 1} of ${effort.rounds}`)
    for (let i = 0; i < measurements.length; i++) {
      const measurement = measurements[(i + round) % measurements.length]!
      const outcome = outcomes.get(measurement)!
      if (outcome.failed !== undefined) continue
      if (round >= 2 && spentMs(outcome) > PATIENCE_MS) {
        outcome.runs.push(null)
        continue
      }
      const reply = await measurement.peer.ask(
        { command: 'run', load: measurement.load, n: outcome.n },
        effort.limitMs,
      )
      if ('cpuNs' in reply) outcome.runs.push(reply)
      else outcomes.set(measurement, { ...outcome, failed: whyOf(reply) })
    }
  }
  return outcomes
}

async function warmUp({ peer, load, items }: Measurement, effort: Effort): Promise<Rounds> {
  const { limitMs, targetMs } = effort
  // Few items first: a library that does not answer to these hangs.
  const few = items ?? FEW
  let reply = await peer.ask({ command: 'run', load, n: few }, items === undefined ? limitMs / 4 : limitMs)
  if (items === undefined && 'n' in reply) {
    reply = await peer.ask({ command: 'calibrate', load, targetMs }, 2 * limitMs)
  }
  return 'n' in reply ? { n: reply.n, runs: [] } : { n: 0, runs: [], failed: whyOf(reply) }
}

function spentMs({ runs }: Rounds): number {
  return runs.reduce((sum, run) => sum + (run?.cpuNs ?? 0), 0) / 1e6
}

function whyOf(reply: Reply): string {
  return 'error' in reply ? reply.error : 'no answer to the question'
}
