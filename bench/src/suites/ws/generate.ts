// The load generator: node generate-ws.js. A process of its own, so that its time is not the server's.

import { createInterface } from 'node:readline'
import { EchoClients } from './generator/echo.ts'
import type { Done, Failure, GeneratorRequest, Sent } from './protocol.ts'

let clients: EchoClients | undefined

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as GeneratorRequest))}\n`)
}
process.exit(0)

async function answer(request: GeneratorRequest): Promise<Sent | Done | Failure> {
  try {
    if (request.command === 'connect') {
      clients = await EchoClients.connect(request.port, request.dialect, request.echo)
      return { done: true }
    }
    if (request.command === 'disconnect') {
      clients?.disconnect()
      return { done: true }
    }
    const cpuBefore = process.cpuUsage()
    const wallBefore = process.hrtime.bigint()
    const messages = await clients!.send(request.messages)
    const wallNs = Number(process.hrtime.bigint() - wallBefore)
    const { user, system } = process.cpuUsage(cpuBefore)
    return { messages, wallNs, cpuNs: (user + system) * 1_000 }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
