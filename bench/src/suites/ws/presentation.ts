import { median } from '../../measure/statistics.ts'
import type { Presentation } from '../suite.ts'

/** The share of the time from which on a process counts as busy all the time: the rest is waiting for the kernel. */
const BUSY = 0.85

export const presentation: Presentation = {
  title: 'CPU time of the server for a message, in multiples of raw ws',
  floor: 'Less is better; the scale is logarithmic.',
  floorShort: 'raw ws',
  rival: 'gorilla',
  rivalTitle: "Go's gorilla",
  controls: ['raw-ws', 'raw-ws+bufferutil'],
  detail: {
    title: 'bottleneck',
    of: ({ serverLoad = [], generatorLoad = [] }) => {
      const server = median(serverLoad)
      const generator = median(generatorLoad)
      const who = Math.max(server, generator) < BUSY ? 'neither' : server > generator ? 'server' : 'generator'
      return `${who} (${percent(server)} / ${percent(generator)})`
    },
  },
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
