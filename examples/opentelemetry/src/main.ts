// An echo server that prints its metrics every ten seconds, and once more when it is stopped.

import { once } from 'node:events'
import { serve } from '@chansel/ws/server'
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { measureConnections } from './metrics.ts'

const reader = new PeriodicExportingMetricReader({
  exporter: new ConsoleMetricExporter(),
  exportIntervalMillis: 10_000,
})
const provider = new MeterProvider({ readers: [reader] })
measureConnections(provider.getMeter('echo'))

const listener = await serve({ port: Number(process.env['PORT'] ?? 3000) }, async (conn) => {
  for await (const message of conn.incoming) await conn.outgoing.send(message)
})
console.log(`ws://127.0.0.1:${listener.address.port}`)
await once(process, 'SIGINT')
await listener.close()
await provider.shutdown()
