// What the connections of a process publish on node:diagnostics_channel, as metrics of OpenTelemetry.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Meter } from '@opentelemetry/api'
import type { DiagnosticEvents } from '@chansel/ws'

/** Measures all connections, from now until it is disposed. */
export function measureConnections(meter: Meter): Disposable {
  const open = meter.createUpDownCounter('chansel.ws.connections', { description: 'that are open' })
  const closed = meter.createCounter('chansel.ws.closes', { description: 'by code and by whom' })
  const unsent = meter.createCounter('chansel.ws.unsent', { description: 'messages that a close lost' })
  const refused = meter.createCounter('chansel.ws.refusals', { description: 'of dials and of requests' })
  const messages = meter.createHistogram('chansel.ws.message.size', {
    unit: 'By',
    description: 'of messages in and out; their count is that of the messages',
    advice: { explicitBucketBoundaries: [64, 1_024, 16_384, 262_144] },
  })
  const waits = meter.createHistogram('chansel.ws.send.wait', {
    unit: 'ms',
    description: 'how long sends waited for a peer that reads too slowly',
  })
  const pauses = meter.createHistogram('chansel.ws.reading.pause', {
    unit: 'ms',
    description: 'how long nobody received what a peer has to say',
  })
  const lost = meter.createCounter('chansel.ws.heartbeat.expired', { description: 'peers that went silent' })

  const stops: (() => void)[] = []
  function on<Name extends keyof DiagnosticEvents>(
    name: Name,
    told: (event: DiagnosticEvents[Name]) => void,
  ): void {
    const listener = (event: unknown): void => told(event as DiagnosticEvents[Name])
    subscribe(name, listener)
    stops.push(() => void unsubscribe(name, listener))
  }

  on('chansel:ws:connection:opened', () => open.add(1))
  on('chansel:ws:connection:closed', ({ code, by, unsent: count }) => {
    open.add(-1)
    closed.add(1, { code, by })
    unsent.add(count)
  })
  on('chansel:ws:connection:refused', ({ via, status }) => refused.add(1, { via, status: status ?? 'none' }))
  on('chansel:ws:message:received', ({ kind, bytes }) => messages.record(bytes, { direction: 'in', kind }))
  on('chansel:ws:message:sent', ({ kind, bytes }) => messages.record(bytes, { direction: 'out', kind }))
  on('chansel:ws:send:waited', ({ ms, isSent }) => waits.record(ms, { sent: isSent }))
  on('chansel:ws:reading:resumed', ({ ms }) => pauses.record(ms))
  on('chansel:ws:heartbeat:expired', () => lost.add(1))
  return { [Symbol.dispose]: () => stops.forEach((stop) => stop()) }
}
