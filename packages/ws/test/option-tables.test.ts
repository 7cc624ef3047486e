import { readFileSync } from 'node:fs'
import { type DialOptions, type RedialState, redial } from '@chansel/ws'
import { pipe } from '@chansel/ws/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readOptions } from '../src/connection-options.ts'
import { eventually } from './support/pending.ts'

// The tables of options in docs/websockets.md, against what the code does.

const page = readFileSync(new URL('../../../docs/websockets.md', import.meta.url), 'utf8')

/** The defaults as the tables have them, by option. */
const documented = new Map(
  [...page.matchAll(/^\| `([\w.]+)` \| ([^|]+) \|/gm)].map((row) => [row[1]!, row[2]!]),
)

/** The numbers in a cell, as in `5,000 ms` or in `{ minMs: 5_000 }`. */
function numbersOf(option: string): number[] {
  return (documented.get(option)!.match(/[\d,_]*\d/g) ?? []).map((text) =>
    Number(text.replaceAll(/[,_]/g, '')),
  )
}

describe('the table of options', () => {
  test('of a connection has what readOptions takes for what is left out', () => {
    const settings = readOptions({})
    expect(numbersOf('highWaterMarkBytes')).toEqual([settings.highWaterMarkBytes])
    expect(numbersOf('maxMessageBytes')).toEqual([settings.maxMessageBytes])
    expect(numbersOf('closeTimeoutMs')).toEqual([settings.closeTimeoutMs])
    expect(settings.heartbeat).toEqual({
      intervalMs: numbersOf('heartbeat')[0],
      timeoutMs: numbersOf('heartbeat')[1],
    })
    expect(documented.get('compression')).toBe(`\`${settings.compression}\``)
    expect(documented.get('parent')).toBe('none')
    expect(settings.parent).toBeUndefined()
  })

  test('of a connection has the limits at which reading pauses', async () => {
    const [byCount, peer] = pipe()
    expect(numbersOf('incomingCapacity')).toEqual([byCount.incoming.capacity])
    for (let i = 0; i < 100; i++) await peer.outgoing.send('x')
    await eventually('it pauses', () => byCount.incoming.length === numbersOf('incomingCapacity')[0])

    const [byBytes, other] = pipe({ incomingCapacity: Infinity, highWaterMarkBytes: Infinity })
    for (let i = 0; i < 600; i++) await other.outgoing.send('x'.repeat(1_024))
    await eventually('it pauses', () => byBytes.incoming.length === numbersOf('incomingBytes')[0]! / 1_024)
  })

  test('has every option of a dial and of a redial', () => {
    const dialled: Record<keyof DialOptions, true> = {
      incomingCapacity: true,
      incomingBytes: true,
      incomingStreams: true,
      highWaterMarkBytes: true,
      maxMessageBytes: true,
      closeTimeoutMs: true,
      heartbeat: true,
      compression: true,
      parent: true,
      protocols: true,
      handshakeTimeoutMs: true,
      headers: true,
      tls: true,
      agent: true,
      webSocketStream: true,
    }
    const redialled = ['backoff.minMs', 'backoff.maxMs', 'backoff.factor', 'stableMs', 'outboxCapacity']
    expect([...documented.keys()]).toEqual(
      expect.arrayContaining([...Object.keys(dialled), ...redialled, 'giveUp', 'random']),
    )
  })

  test('of a redial has the delays that it takes, and the capacity of its outbox', async () => {
    const conn = redial('ws://127.0.0.1:9/', { random: () => 0.999, giveUp: () => false })
    onTestFinished(async () => {
      await conn.close()
    })
    expect(numbersOf('outboxCapacity')).toEqual([conn.outgoing.capacity])
    let state: RedialState | undefined
    for await (state of conn.state) if (state.status === 'waiting') break
    expect(Math.ceil(state!.delayMs!)).toBe(numbersOf('backoff.minMs')[0])
    for await (state of conn.state) if (state.status === 'waiting') break
    const [minMs, factor] = [numbersOf('backoff.minMs')[0]!, numbersOf('backoff.factor')[0]!]
    expect(Math.ceil(state!.delayMs!)).toBe(minMs * factor)
  })
})
