import { setImmediate } from 'node:timers/promises'
import { answerLines } from '../../measure/lines.ts'
import type { Listening, Memory, ServerAnswer, ServerRequest, Unable, Usage } from './protocol.ts'
import type { ServerLoad } from './servers/server.ts'

/** How a server answers the driver's questions; servers differ only in how they listen. */
export function answerServer(
  listen: (load: ServerLoad, isTls: boolean) => Promise<Listening | Unable>,
): Promise<never> {
  let peakRssBytes = 0
  const sample = (): number => (peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss()))
  return answerLines<ServerRequest>(async (request): Promise<ServerAnswer> => {
    switch (request.command) {
      case 'listen':
        return await listen(request.load, request.isTls)
      // Without a collection: after one, the JavaScript engine is slower for a while.
      case 'usage':
        return usage()
      case 'watch':
        setInterval(sample, SAMPLE_MS)
        return { done: true }
      case 'memory':
        return { ...(await memory()), peakRssBytes: sample() }
    }
  })
}

/** A time in which no more than a few MiB come in. */
const SAMPLE_MS = 10

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, systemUs: system }
}

async function memory(): Promise<Omit<Memory, 'peakRssBytes'>> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await setImmediate()
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed }
}
