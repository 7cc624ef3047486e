import { dial } from '@chansel/ws'
import { serve } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished, test } from 'vitest'
import { measureConnections } from '../src/metrics.ts'

/** Measures until the test is over; gives what an exporter got of a metric: attributes and value of each point. */
function measuring() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const measurement = measureConnections(provider.getMeter('test'))
  onTestFinished(async () => {
    measurement[Symbol.dispose]()
    await provider.shutdown()
  })
  const pointsOf = async (name: string) => {
    await provider.forceFlush()
    const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? []
    const metric = scopes.flatMap(({ metrics }) => metrics).find(({ descriptor }) => descriptor.name === name)
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => ({ attributes, value }))
  }
  return { measurement, pointsOf }
}

test('an exporter gets connections, messages, closes and refusals', async () => {
  const { pointsOf } = measuring()
  await using listener = await serve(
    { port: 0, authorize: ({ url }) => (url === '/secret' ? { status: 403 } : undefined), onError() {} },
    async (conn) => {
      for await (const message of conn.incoming) await conn.outgoing.send(message)
    },
  )
  const url = `ws://127.0.0.1:${listener.address.port}`
  const conn = await dial(url)
  await conn.outgoing.send('hello')
  await conn.outgoing.send(new Uint8Array(100))
  for (let i = 0; i < 2; i++) await conn.incoming.receive()
  expect(await pointsOf('chansel.ws.connections')).toEqual([{ attributes: {}, value: 2 }])
  // Each message goes out and comes in twice: this is both sides.
  const sizes = await pointsOf('chansel.ws.message.size')
  expect(sizes).toHaveLength(4)
  for (const { attributes, value } of sizes) {
    expect(value).toMatchObject({ count: 2, sum: attributes['kind'] === 'text' ? 10 : 200 })
  }

  await conn.close(1000)
  await expect(dial(`${url}/secret`)).rejects.toMatchObject({ status: 403 })
  await listener.close()
  expect(await pointsOf('chansel.ws.connections')).toEqual([{ attributes: {}, value: 0 }])
  expect(await pointsOf('chansel.ws.closes')).toEqual(
    expect.arrayContaining([
      { attributes: { code: 1000, by: 'local' }, value: 1 },
      { attributes: { code: 1000, by: 'remote' }, value: 1 },
    ]),
  )
  expect(await pointsOf('chansel.ws.refusals')).toEqual(
    expect.arrayContaining([
      { attributes: { via: 'accept', status: 403 }, value: 1 },
      { attributes: { via: 'dial', status: 403 }, value: 1 },
    ]),
  )
})

test('backpressure is seen on both sides', async () => {
  const { pointsOf } = measuring()
  const [ours, theirs] = pipe({ highWaterMarkBytes: 1 }, { incomingCapacity: 1 })
  const sends = Array.from({ length: 4 }, async (_, i) => ours.outgoing.send(String(i)))
  for (let i = 0; i < 4; i++) await theirs.incoming.receive()
  await Promise.all(sends)
  await ours.close()
  expect(await pointsOf('chansel.ws.send.wait')).toMatchObject([
    { attributes: { sent: true }, value: { count: 3 } },
  ])
  expect((await pointsOf('chansel.ws.reading.pause'))[0]!.value).toMatchObject({ count: expect.any(Number) })
})

test('nothing is measured after it was disposed of', async () => {
  const { measurement, pointsOf } = measuring()
  measurement[Symbol.dispose]()
  const [ours] = pipe()
  await ours.outgoing.send('unseen')
  expect(await pointsOf('chansel.ws.connections')).toEqual([])
})
