// The loads over sockets run as they do when they are measured, with few connections: the generator compares each byte.

import { once } from 'node:events'
import { type Server as HttpServer, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { makeCertificate } from '../../packages/ws/test/support/certificate.ts'
import { openSocket } from '../src/suites/ws/generator/client.ts'
import { Clients } from '../src/suites/ws/generator/clients.ts'
import { serverFrame } from '../src/suites/ws/generator/frames.ts'
import { probes } from '../src/suites/ws/probes.ts'
import { Server, dialectOf, findPrograms } from '../src/suites/ws/processes.ts'
import type { Listening, Memory, Traffic, Usage } from '../src/suites/ws/protocol.ts'
import { runWs } from '../src/suites/ws/run.ts'
import { server as chansel } from '../src/suites/ws/servers/chansel.ts'
import { server as rawWs } from '../src/suites/ws/servers/raw-ws.ts'
import type { ServerLoad, WsServer } from '../src/suites/ws/servers/server.ts'
import { server as tsChan } from '../src/suites/ws/servers/ts-chan.ts'
import { type WsLoad, ws } from '../src/suites/ws/suite.ts'

// Those whose libraries the root installs; the others belong to bench, and only it runs them.
const subjects: readonly [string, WsServer][] = [
  ['raw-ws', rawWs],
  ['chansel', chansel],
  ['ts-chan', tsChan],
]
const programs = findPrograms('', fileURLToPath(new URL('../go/ws', import.meta.url)))
const timed = ws.loads.filter((load): load is WsLoad => load.kind === 'timed')
/** One load for each thing that a server does, and for each way that traffic takes. */
const kinds = timed.filter(
  ({ name }) => /^echo-1x64|^fan-in|^broadcast/.test(name) && !name.endsWith('x1024'),
)
const broadcasts = timed.filter(({ name }) => name.startsWith('broadcast'))

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(serve: (http: HttpServer) => unknown, isTls = false): Promise<number> {
  const http = isTls ? createTlsServer(makeCertificate()) : createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  await serve(http)
  closers.push(() => void http.close())
  return (http.address() as AddressInfo).port
}

async function connect(port: number, library: string, traffic: Traffic): Promise<Clients> {
  const clients = await Clients.connect(port, dialectOf(library), traffic)
  closers.unshift(() => clients.disconnect())
  return clients
}

/** The same with a few connections, and with few large messages. */
function few({ traffic }: WsLoad): Traffic {
  const { connections, window, bytes } = traffic
  return { ...traffic, connections: Math.min(connections, 3), window: bytes > 1_024 ? 2 : window }
}

describe.each(subjects)('%s', (library, server) => {
  const loads = [...kinds, ...broadcasts].filter(({ only }) => only?.includes(library) ?? true)

  test.each(loads.map((load) => [load.name, load] as const))('%s moves the right bytes', async (_, load) => {
    const traffic = few(load)
    const port = await listen(server.loads[load.server]!, traffic.isTls)
    const clients = await connect(port, library, traffic)
    const perWindow = traffic.window * traffic.connections
    const { messages, p50Us } = await clients.send(2 * perWindow)
    expect(messages).toBe(2 * perWindow)
    expect(p50Us).toBeGreaterThan(0)
  })

  test('a slow consumer is pushed at', async () => {
    const { traffic } = ws.loads.find(({ name }) => name === 'slow-consumer')!
    const clients = await connect(await listen(server.loads.slow), library, { ...traffic, connections: 1 })
    expect(await clients.push(2 ** 20, 5_000)).toBeGreaterThan(64 * 1_024)
  })

  test.skipIf(server.loads.large === undefined)('one message that does not end is taken', async () => {
    const { traffic } = ws.loads.find(({ name }) => name === 'one-message')!
    const clients = await connect(await listen(server.loads.large!), library, { ...traffic, connections: 1 })
    // More than the kernel's buffers hold.
    expect(await clients.push(32 * 2 ** 20, 10_000)).toBeGreaterThan(24 * 2 ** 20)
  })

  test('a flood comes in messages of 64 KiB', async () => {
    const port = await listen(server.loads.flood)
    const { socket, head } = await openSocket({ port, isTls: false, path: '/' })
    closers.unshift(() => socket.destroy())
    const expected = Buffer.concat(
      [0, 65_536 % 251].map((fill) => serverFrame(2, Buffer.alloc(65_536, fill))),
    )
    let received = head
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      if (received.length >= expected.length) break
    }
    expect(received.subarray(0, expected.length).equals(expected)).toBe(true)
  })
})

// Left out where Go or the sources of gorilla/websocket are not installed.
describe.skipIf(programs.go === null)('gorilla', () => {
  async function start(load: ServerLoad): Promise<{ gorilla: Server; port: number }> {
    const gorilla = Server.of(programs, 'gorilla') as Server
    closers.push(() => gorilla.stop())
    const { port } = (await gorilla.ask({ command: 'listen', load, isTls: false }, 10_000)) as Listening
    return { gorilla, port }
  }

  const loads = [...kinds, ...broadcasts].filter(({ traffic }) => !traffic.isTls)

  test.each(loads.map((load) => [load.name, load] as const))('%s moves the right bytes', async (_, load) => {
    const { gorilla, port } = await start(load.server)
    const clients = await connect(port, 'gorilla', few(load))
    // It answers the handshake before it counts the connection as a member.
    await gorilla.ask({ command: 'memory' }, 10_000)
    const { messages } = await clients.send(2)
    expect(messages).toBe(few(load).window * few(load).connections)
    const usage = (await gorilla.ask({ command: 'usage' }, 10_000)) as Usage
    expect(usage.cpuUs).toBeGreaterThan(0)
  })

  test('tells what it holds, and cannot do TLS', async () => {
    const { gorilla } = await start('echo')
    const memory = (await gorilla.ask({ command: 'memory' }, 10_000)) as Memory
    expect(memory.peakRssBytes).toBeGreaterThanOrEqual(memory.rssBytes)
    expect(await gorilla.ask({ command: 'listen', load: 'echo', isTls: true }, 10_000)).toHaveProperty('no')
  })
})

describe('the generator finds out a server that', () => {
  const { traffic } = kinds[0]!

  test('changes a byte', async () => {
    const port = await listen((http) =>
      new WebSocketServer({ server: http }).on('connection', (socket) => {
        socket.on('message', (data) => socket.send((data as Buffer).toString().replace('q', 'Q')))
      }),
    )
    const clients = await connect(port, 'raw-ws', traffic)
    await expect(clients.send(64)).rejects.toThrow('wrong: what came back is not what was sent')
  })

  test('changes the order of two', async () => {
    const port = await listen((http) =>
      new WebSocketServer({ server: http }).on('connection', (socket) => {
        const kept: string[] = []
        socket.on('message', (data) => {
          if (kept.push((data as Buffer).toString()) === 2)
            for (const text of kept.splice(0).reverse()) socket.send(text)
        })
      }),
    )
    const clients = await connect(port, 'raw-ws', traffic)
    await expect(clients.send(64)).rejects.toThrow('wrong: what came back is not what was sent')
  })

  test('ends the connection', async () => {
    const port = await listen((http) =>
      new WebSocketServer({ server: http }).on('connection', (socket) => {
        socket.on('message', () => socket.terminate())
      }),
    )
    const clients = await connect(port, 'raw-ws', traffic)
    await expect(clients.send(64)).rejects.toThrow('the server ended the connection')
  })

  test('refuses it', async () => {
    const port = await listen((http) =>
      http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')),
    )
    await expect(Clients.connect(port, 'plain', traffic)).rejects.toThrow('Cannot connect: HTTP/1.1 403')
  })
})

test('a library that does not start is noted, and the others go on', async () => {
  const cells = await runWs({
    programs: { modules: '/nowhere', go: null, bun: null },
    rounds: 1,
    targetMs: 1,
    probeRuns: 1,
    isQuick: true,
    floodMs: 1,
    wantsLibrary: (library) => ['crossws', 'bun'].includes(library),
    wantsLoad: (load) => load === 'echo-1x64x16',
    progress: () => {},
  })
  expect(cells).toMatchObject([
    { library: 'raw-ws', failed: expect.stringContaining('dies') },
    { library: 'crossws', failed: expect.stringContaining('dies') },
    { library: 'bun', no: 'Bun is not installed' },
  ])
})

test('every probe of the suite has a run', () => {
  const names = ws.loads.flatMap(({ kind, name }) => (kind === 'probe' ? [name] : []))
  expect(Object.keys(probes)).toEqual(names)
})
