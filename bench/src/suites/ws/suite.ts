import type { LibraryTitle, Probe, Suite, TimedLoad } from '../suite.ts'
import type { Traffic } from './protocol.ts'
import { presentation } from './presentation.ts'
import type { ServerLoad } from './servers/server.ts'
import { targets } from './targets.ts'

/** What a server does, and with what traffic. */
export interface WsLoad extends TimedLoad {
  readonly server: ServerLoad
  readonly traffic: Traffic
}

export interface WsProbe extends Probe {
  /** Left out for all others. */
  readonly only: readonly string[]
  readonly server: ServerLoad
  readonly traffic: Omit<Traffic, 'connections'>
}

const libraries: readonly LibraryTitle[] = [
  { id: 'raw-ws', title: 'raw ws', package: 'ws' },
  { id: 'raw-ws+bufferutil', title: 'raw ws, bufferutil', package: 'ws' },
  { id: 'chansel', title: '@chansel/ws', package: '@chansel/ws' },
  { id: 'chansel+bufferutil', title: '@chansel/ws, bufferutil', package: '@chansel/ws' },
  { id: 'crossws', title: 'crossws', package: 'crossws' },
  { id: 'socket-io', title: 'socket.io', package: 'socket.io' },
  { id: 'ts-chan', title: 'ts-chan on ws', package: 'ts-chan' },
  { id: 'gorilla', title: "Go's gorilla" },
  { id: 'bun', title: 'Bun' },
]

/** It makes unmasking faster, and does not change how much memory is held. */
const withoutBufferUtil = libraries.map(({ id }) => id).filter((id) => !id.endsWith('+bufferutil'))

/** Connections, and messages in flight on each. */
const WINDOWS = [
  [1, 64],
  [100, 16],
  [100, 1],
] as const

const plain: WsProbe['traffic'] = {
  pattern: 'echo',
  window: 1,
  bytes: 16,
  kind: 'text',
  isTls: false,
  oneByOne: false,
}

const loads: readonly (WsLoad | WsProbe)[] = [
  ...[16, 1_024, 65_536].flatMap((bytes) =>
    WINDOWS.map(([connections, window]) => echo(connections, window, bytes)),
  ),
  // Socket.IO has a binary protocol of its own.
  {
    ...echo(1, 64, 16, { kind: 'binary' }),
    only: withoutBufferUtil.filter((id) => id !== 'socket-io'),
  },
  echo(1, 64, 16, { oneByOne: true }),
  echo(1, 64, 16, { isTls: true }),
  echo(100, 1, 16, { isTls: true }),
  { ...echo(1, 1, 16), what: 'one message there and back: latency' },
  timed('fan-in-100x16x16', 'fan-in', '100 connections send to one consumer, who answers each 16th', {
    pattern: 'fan-in',
    connections: 100,
    window: 16,
    bytes: 16,
  }),
  broadcast(1),
  broadcast(8),
  probe('memory-idle', 'echo', 'connections on which nothing is sent', [5_000, 10_000], { bytes: 16 }),
  probe('slow-consumer', 'slow', 'so many MiB pushed at a consumer of 10 messages a second', [1_024], {
    window: 16,
    bytes: 65_536,
    kind: 'binary',
  }),
  {
    ...probe('one-message', 'large', 'so many MiB of one message, in fragments of 64 KiB', [1_023], {
      pattern: 'fragments',
      window: 16,
      bytes: 65_536,
      kind: 'binary',
    }),
    only: ['raw-ws', 'chansel'],
  },
  probe('never-reads', 'flood', 'so many MiB sent to a peer that never reads', [1_024], {
    pattern: 'silence',
    bytes: 65_536,
    kind: 'binary',
  }),
]

export const ws: Omit<Suite, 'loads'> & { readonly loads: readonly (WsLoad | WsProbe)[] } = {
  name: 'ws',
  libraries,
  control: { library: 'raw-ws', load: loads[0]!.name },
  subject: 'chansel',
  loads,
  targets,
  presentation,
}

function echo(connections: number, window: number, bytes: number, more: Partial<Traffic> = {}): WsLoad {
  const suffixes = [more.kind === 'binary' && 'binary', more.oneByOne && 'single', more.isTls && 'tls']
  const name = ['echo', `${connections}x${window}x${bytes}`, ...suffixes.filter(Boolean)].join('-')
  const how = `${more.isTls ? ' over TLS' : ''}${more.oneByOne ? ', a write each' : ''}`
  const what = `${connections} connections, ${window} messages of ${bytes} bytes in flight on each${how}`
  return timed(name, 'echo', what, { connections, window, bytes, ...more })
}

function broadcast(copies: 1 | 8): WsLoad {
  const connections = 1_000
  const what = `${copies === 1 ? 'a message' : `${copies} messages`} of 1 KiB a turn to 1,000 connections`
  const traffic = { pattern: 'broadcast', connections, window: copies, bytes: 1_024 } as const
  return timed(`broadcast-${connections}x${copies}x1024`, `broadcast-${copies}`, what, traffic)
}

function timed(name: string, server: ServerLoad, what: string, traffic: Partial<Traffic>): WsLoad {
  const control = { library: 'raw-ws', load: name }
  return {
    kind: 'timed',
    name,
    group: name,
    what,
    unit: 'ns',
    control,
    server,
    traffic: { ...plain, connections: 1, ...traffic },
  }
}

function probe(
  name: string,
  server: ServerLoad,
  what: string,
  sizes: readonly number[],
  traffic: Partial<WsProbe['traffic']>,
): WsProbe {
  return {
    kind: 'probe',
    name,
    what,
    sizes,
    only: withoutBufferUtil,
    server,
    traffic: { ...plain, ...traffic },
  }
}
