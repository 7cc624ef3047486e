// The load generator: node generate.js. A process of its own, so that its time is not the server's.

import { answerLines } from '../../measure/lines.ts'
import { Clients } from './generator/clients.ts'
import type { GeneratorAnswer, GeneratorRequest } from './protocol.ts'

let clients: Clients | undefined

await answerLines<GeneratorRequest>(async (request): Promise<GeneratorAnswer> => {
  switch (request.command) {
    case 'connect':
      clients = await Clients.connect(request.port, request.dialect, request.traffic)
      return { done: true }
    case 'push':
      return { bytes: await clients!.push(request.bytes, request.limitMs) }
    case 'disconnect':
      clients?.disconnect()
      return { done: true }
    case 'send': {
      const cpuBefore = process.cpuUsage()
      const wallBefore = process.hrtime.bigint()
      const sent = await clients!.send(request.messages)
      const wallNs = Number(process.hrtime.bigint() - wallBefore)
      const { user, system } = process.cpuUsage(cpuBefore)
      return { ...sent, wallNs, cpuNs: (user + system) * 1_000 }
    }
  }
})
