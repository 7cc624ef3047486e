// What the adapter has to reach, in terms of the figures. Figures are compared only within one run of one load.

import type { Figures, Measured, Target } from '../suite.ts'

const OURS = 'chansel'
const CONTROL = 'raw-ws'
const MIB = 2 ** 20

const echoes = (bytes: number): string[] => ['1x64', '100x16', '100x1'].map((how) => `echo-${how}x${bytes}`)

export const targets: readonly Target[] = [
  ...each(echoes(16), [3.2, 4, 1.05], cpu),
  ...each(echoes(16), [2.2, 3.3, 1], messagesPerSecond),
  ...each(echoes(1_024), [2, 2, 1], cpu),
  ...each(echoes(65_536), [1, 1, 1], cpu),
  ...each(echoes(65_536), [2, 2, 2], (load, limit) => cpu(load, limit, 'chansel+bufferutil')),
  ...each(['echo-1x64x16-single', 'echo-1x64x16-tls', 'echo-100x1x16-tls'], [1, 1, 1], cpu),
  atLeast(2, "echo-1x64x16, CPU of Go's gorilla, of ours", (f) =>
    f.ratio('echo-1x64x16', on('gorilla', 'echo-1x64x16'), on(OURS, 'echo-1x64x16')),
  ),
  atMost(1.05, '×', 'echo-1x1x16, median latency, of raw ws', (f) =>
    f.figureRatio('echo-1x1x16', 'p50Us', on(OURS, 'echo-1x1x16'), on(CONTROL, 'echo-1x1x16')),
  ),
  ...each(['broadcast-1000x1x1024', 'broadcast-1000x8x1024'], [1.2, 4], cpu),
  atMost(1.7, 'KiB', '10,000 idle connections, RSS of each above raw ws', (f) => {
    const [ours, control] = [OURS, CONTROL].map((id) => f.figure(id, 'memory-idle', 10_000, 'rssKiB'))
    return ours == null || control == null ? null : { value: ours - control }
  }),
  peak(16, 'pushed at a slow consumer, peak RSS above idle', 'slow-consumer'),
  // The default of highWaterMarkBytes, and 6 MiB.
  peak((64 * 1_024) / MIB + 6, 'sent to a peer that never reads, peak RSS above idle', 'never-reads'),
]

function each(
  loads: readonly string[],
  limits: readonly number[],
  target: (load: string, limit: number) => Target,
): Target[] {
  return loads.map((load, i) => target(load, limits[i]!))
}

/** How many messages the server handles per second of CPU time, as a multiple of raw ws. */
function cpu(load: string, limit: number, library = OURS): Target {
  const which = library === OURS ? '' : ', bufferutil'
  return atLeast(limit, `${load}${which}, CPU of raw ws, of ours`, (f) =>
    f.ratio(load, on(CONTROL, load), on(library, load)),
  )
}

function messagesPerSecond(load: string, limit: number): Target {
  return atLeast(limit, `${load}, messages per second, of raw ws`, (f) =>
    f.wallRatio(load, on(CONTROL, load), on(OURS, load)),
  )
}

function peak(limit: number, what: string, load: string): Target {
  return atMost(limit, 'MiB', `1 GiB ${what}`, (f) => {
    const value = f.figure(OURS, load, 1_024, 'peakMiB')
    return value === null ? null : { value }
  })
}

function atLeast(limit: number, what: string, measure: (f: Figures) => Measured | null): Target {
  return { what, limit, better: 'higher', unit: '×', measure }
}

function atMost(limit: number, unit: string, what: string, measure: (f: Figures) => Measured | null): Target {
  return { what, limit, better: 'lower', unit, measure }
}

function on(library: string, load: string): { readonly library: string; readonly load: string } {
  return { library, load }
}
