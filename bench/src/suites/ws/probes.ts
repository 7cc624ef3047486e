import { setTimeout } from 'node:timers/promises'
import type { Pair } from './pair.ts'
import type { WsProbe } from './suite.ts'

/** Asks a server that has done nothing yet; `n` is the probe's size, `floodMs` how long a flood may take. */
type WsProbeRun = (
  pair: Pair,
  traffic: WsProbe['traffic'],
  n: number,
  floodMs: number,
) => Promise<{ readonly [figure: string]: number }>

const KIB = 1_024
const MIB = 1_024 * KIB
/** Connections that come and go first, so that what is needed only once does not count. */
const FIRST_CONNECTIONS = 100
const IDLE_MS = 1_000

export const probes: { readonly [name: string]: WsProbeRun } = {
  'memory-idle': async (pair, traffic, n) => {
    await pair.connect({ ...traffic, connections: FIRST_CONNECTIONS })
    await pair.disconnect()
    await settle()
    const before = await pair.memory()
    await pair.connect({ ...traffic, connections: n })
    await settle()
    const after = await pair.memory()
    const usage = await pair.usage()
    await setTimeout(IDLE_MS)
    const idle = await pair.usage()
    return {
      rssKiB: (after.rssBytes - before.rssBytes) / n / KIB,
      heapKiB: (after.heapBytes - before.heapBytes) / n / KIB,
      idleCpuMs: (idle.cpuUs - usage.cpuUs) / 1_000,
    }
  },

  'slow-consumer': async (pair, traffic, n, floodMs) => {
    await pair.connect({ ...traffic, connections: 1 })
    const before = await pair.memory()
    await pair.watch()
    const { bytes } = await pair.push(n * MIB, floodMs)
    await settle()
    const { peakRssBytes } = await pair.memory()
    return { peakMiB: (peakRssBytes - before.rssBytes) / MIB, takenMiB: bytes / MIB }
  },

  'one-message': async (pair, traffic, n, floodMs) => {
    await pair.connect({ ...traffic, connections: 1 })
    const before = await pair.memory()
    await pair.watch()
    const begun = await pair.usage()
    const { bytes } = await pair.push(n * MIB, floodMs)
    await settle()
    const { cpuUs } = await pair.usage()
    const { peakRssBytes } = await pair.memory()
    return {
      peakMiB: (peakRssBytes - before.rssBytes) / MIB,
      takenMiB: bytes / MIB,
      cpuMsPerMiB: (cpuUs - begun.cpuUs) / 1_000 / (bytes / MIB),
    }
  },

  'never-reads': async (pair, traffic, _n, floodMs) => {
    const before = await pair.memory()
    await pair.watch()
    await pair.connect({ ...traffic, connections: 1 })
    await setTimeout(floodMs)
    const { peakRssBytes } = await pair.memory()
    return { peakMiB: (peakRssBytes - before.rssBytes) / MIB }
  },
}

/** Waits until what is on its way has arrived, and what was closed is released. */
function settle(): Promise<void> {
  return setTimeout(300)
}
