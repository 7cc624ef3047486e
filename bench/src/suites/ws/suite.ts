import type { Figures, LibraryTitle, Measured, Suite, Target, TimedLoad } from '../suite.ts'
import type { Echo } from './protocol.ts'

/** A load of echoes: the server sends back what it gets, by `for await` and `await send` where the library is ours. */
export interface EchoLoad extends TimedLoad {
  readonly echo: Echo
}

const libraries: readonly LibraryTitle[] = [
  { id: 'raw-ws', title: 'raw ws', package: 'ws' },
  { id: 'raw-ws+bufferutil', title: 'raw ws, bufferutil', package: 'ws' },
  { id: 'chansel', title: '@chansel/ws', package: 'chansel' },
  { id: 'chansel+bufferutil', title: '@chansel/ws, bufferutil', package: 'chansel' },
  { id: 'crossws', title: 'crossws', package: 'crossws' },
  { id: 'socket-io', title: 'socket.io', package: 'socket.io' },
  { id: 'ts-chan', title: 'ts-chan on ws', package: 'ts-chan' },
]

const WINDOWS = [
  [1, 64],
  [100, 16],
  [100, 1],
] as const
const SIZES = [16, 1_024, 65_536] as const

const loads: readonly EchoLoad[] = [
  ...SIZES.flatMap((bytes) => WINDOWS.map(([connections, window]) => load(connections, window, bytes))),
  { ...load(1, 64, 16, { kind: 'binary' }), only: ['raw-ws', 'chansel', 'crossws', 'ts-chan'] },
  load(1, 64, 16, { oneByOne: true }),
  load(1, 64, 16, { isTls: true }),
  load(100, 1, 16, { isTls: true }),
  { ...load(1, 1, 16), what: 'one message there and back' },
]

export const ws: Omit<Suite, 'loads'> & { readonly loads: readonly EchoLoad[] } = {
  name: 'ws',
  libraries,
  control: { library: 'raw-ws', load: loads[0]!.name },
  subject: 'chansel',
  loads,
  targets: [
    ...cpu(16, [3.2, 4.0, 1.05]),
    ...cpu(1_024, [2.0, 2.0, 1.0]),
    ...cpu(65_536, [1.0, 1.0, 1.0]),
    ...WINDOWS.map(([connections, window]) =>
      target(nameOf(connections, window, 65_536), 2.0, 'chansel+bufferutil'),
    ),
    target('echo-1x64x16-single', 1.0),
    target('echo-1x64x16-tls', 1.0),
    target('echo-100x1x16-tls', 1.0),
    {
      what: 'echo-1x1x16, wall time of raw ws',
      limit: 1.05,
      better: 'lower',
      unit: '×',
      measure: (figures) => wallRatio(figures, 'echo-1x1x16'),
    },
  ],
}

function load(connections: number, window: number, bytes: number, more: Partial<Echo> = {}): EchoLoad {
  const echo: Echo = { connections, window, bytes, kind: 'text', isTls: false, oneByOne: false, ...more }
  const name = nameOf(connections, window, bytes, echo)
  const how = `${echo.isTls ? ' over TLS' : ''}${echo.oneByOne ? ', a write each' : ''}`
  const what = `${connections} connections, ${window} messages of ${bytes} bytes in flight on each${how}`
  return {
    kind: 'timed',
    name,
    group: name,
    what,
    unit: 'ns',
    control: { library: 'raw-ws', load: name },
    echo,
  }
}

function nameOf(connections: number, window: number, bytes: number, echo?: Echo): string {
  const more = [echo?.kind === 'binary' && 'binary', echo?.oneByOne && 'single', echo?.isTls && 'tls']
  return ['echo', `${connections}x${window}x${bytes}`, ...more.filter(Boolean)].join('-')
}

function cpu(bytes: number, limits: readonly [number, number, number]): Target[] {
  return WINDOWS.map(([connections, window], i) => target(nameOf(connections, window, bytes), limits[i]!))
}

/** Messages per CPU second of the server, of those of raw ws. */
function target(name: string, limit: number, library = 'chansel'): Target {
  return {
    what: `${name}${library === 'chansel' ? '' : ', bufferutil'}, CPU of raw ws, of ours`,
    limit,
    better: 'higher',
    unit: '×',
    measure: (figures) => figures.ratio(name, { library: 'raw-ws', load: name }, { library, load: name }),
  }
}

function wallRatio(figures: Figures, name: string): Measured | null {
  return figures.wallRatio(name, { library: 'chansel', load: name }, { library: 'raw-ws', load: name })
}
