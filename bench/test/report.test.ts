import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { quantile, ratio } from '../src/measure/statistics.ts'
import { readOptions } from '../src/options.ts'
import { judge } from '../src/report/judge.ts'
import { plot } from '../src/report/plot.ts'
import { readme } from '../src/report/readme.ts'
import type { Cell, Results } from '../src/report/results.ts'
import { report } from '../src/report/table.ts'
import { engine } from '../src/suites/engine/suite.ts'
import type { Suite } from '../src/suites/suite.ts'
import { ws } from '../src/suites/ws/suite.ts'

/** Times of the hand-over: a floor of 100 ns, chansel at `ours`, and two rivals of which one loses values. */
function resultsOf(ours: readonly number[]): Results {
  const load = { load: 'spsc-unbuffered', group: 'hand-over', n: 64 }
  const timed = (library: string, ns: readonly number[]): Cell => ({
    ...load,
    library,
    cpuNs: ns,
    wallNs: ns,
  })
  return {
    suite: 'engine',
    machine: {
      cpu: 'a processor',
      cores: 2,
      memoryGiB: 4,
      system: 'a system',
      node: '20.0.0',
      v8: '11.0',
      go: null,
      commit: 'abc',
      date: '2000-01-01',
    },
    effort: { rounds: ours.length, targetMs: 20 },
    versions: { chansel: '0.1.0' },
    cells: [
      timed('promises', [100, 100, 200]),
      timed('chansel', ours),
      timed('ts-chan', [2_000, 2_000, 4_000]),
      { ...load, library: 'effect', failed: 'wrong: sum: got 1, expected 2' },
      timed('async-generators', [100, 100, 200]),
      { group: null, load: 'drain', library: 'chansel', n: 100_000, figures: { drainMs: [90, 120, 95] } },
    ],
  }
}

/** Echoes and broadcasts at 1,000 ns in raw ws, at a third of it in ours; and what idle connections hold. */
function socketResults(oursKiB: number): Results {
  const timed = (library: string, load: string, ns: number, serverLoad: number): Cell => ({
    library,
    load,
    group: load,
    n: 64,
    cpuNs: [ns, ns],
    wallNs: [ns, 2 * ns],
    figures: { serverLoad: [serverLoad, serverLoad], generatorLoad: [0.5, 0.5], p50Us: [ns / 20, ns / 20] },
  })
  const idle = (library: string, rssKiB: number): Cell => ({
    library,
    load: 'memory-idle',
    group: null,
    n: 10_000,
    figures: { rssKiB: [rssKiB] },
  })
  return {
    ...resultsOf([1]),
    suite: 'ws',
    cells: [
      ...['echo-1x64x16', 'echo-1x1x16', 'broadcast-1000x1x1024'].flatMap((load) => [
        timed('raw-ws', load, 1_000, 0.97),
        timed('chansel', load, 333, 0.4),
        timed('gorilla', load, 600, 0.3),
      ]),
      { library: 'bun', load: 'echo-1x64x16', group: 'echo-1x64x16', n: 0, no: 'Bun is not installed' },
      idle('raw-ws', 6),
      idle('chansel', oursKiB),
    ],
  }
}

function verdicts(
  ours: readonly number[],
  suite: Suite = engine,
  results = resultsOf(ours),
): { [what: string]: boolean | null } {
  return Object.fromEntries(judge(suite, results).map(({ target, met }) => [target.what, met]))
}

describe('targets', () => {
  const floor = 'spsc-unbuffered, of the floor'

  test('are judged by the middle of the ratios of each round', () => {
    // 1.4, 1.4, 1.4: the last round was slow for all.
    expect(verdicts([140, 140, 280])[floor]).toBe(true)
    expect(verdicts([160, 160, 320])[floor]).toBe(false)
  })

  test('know which side of a limit is good', () => {
    const what = "ts-chan's spsc-unbuffered, of ours"
    expect(verdicts([190, 190, 380])[what]).toBe(true)
    expect(verdicts([210, 210, 420])[what]).toBe(false)
  })

  test('take the middle of the runs of a probe', () => {
    expect(verdicts([1, 1, 1])['100,000 blocked senders drained']).toBe(true)
  })

  test('that were not measured are neither met nor missed', () => {
    expect(verdicts([1, 1, 1])['an idle channel']).toBeNull()
  })
})

describe('targets of sockets', () => {
  const met = verdicts([], ws, socketResults(7.6))

  test('are judged by the time of the control, of ours', () => {
    expect(met['broadcast-1000x1x1024, CPU of raw ws, of ours']).toBe(true)
    expect(met['echo-1x64x16, CPU of raw ws, of ours']).toBe(false)
    expect(met['echo-1x64x16, messages per second, of raw ws']).toBe(true)
    expect(met["echo-1x64x16, CPU of Go's gorilla, of ours"]).toBe(false)
    expect(met['echo-1x1x16, median latency, of raw ws']).toBe(true)
  })

  test('take what is held beside what the control holds', () => {
    const what = '10,000 idle connections, RSS of each above raw ws'
    expect(met[what]).toBe(true)
    expect(verdicts([], ws, socketResults(7.8))[what]).toBe(false)
  })

  test('that were not measured are neither met nor missed', () => {
    expect(met['echo-100x1x16-tls, CPU of raw ws, of ours']).toBeNull()
  })
})

describe('reports', () => {
  const markers = ['machine', 'targets', 'times', 'spread', 'probes', 'remarks']
  const empty = markers.map((name) => `<!-- ${name} -->\n<!-- /${name} -->`).join('\n')

  test('the README keeps what is written by hand, and is the same made twice', () => {
    const once = readme(`before\n${empty}\nafter`, engine, resultsOf([140, 140, 280]))
    expect(once).toMatch(/^before\n[^]*\nafter$/)
    expect(once).toContain('| spsc-unbuffered, of the floor | at most 1.5 × | 1.40 (1.40 to 1.40) | met |')
    expect(readme(once, engine, resultsOf([140, 140, 280]))).toBe(once)
  })

  test('targets of another suite are told in its words', () => {
    const what = '10,000 idle connections, RSS of each above raw ws'
    expect(readme(empty, ws, socketResults(7.6))).toContain(`| ${what} | at most 1.7 KiB | 1.60 | met |`)
    expect(plot(ws, socketResults(7.6))).toContain('in multiples of raw ws')
  })

  test('say which side of a socket is the bottleneck', () => {
    const text = report(ws, socketResults(7.6))
    expect(text).toMatch(/raw ws .* server \(97 % \/ 50 %\)/)
    expect(text).toMatch(/@chansel\/ws .* neither \(40 % \/ 50 %\)/)
    expect(text).toContain('no: Bun is not installed')
  })

  test('a README without its markers is refused', () => {
    expect(() => readme('', engine, resultsOf([1, 1, 1]))).toThrow('no markers for machine')
  })

  test('a library that loses values is named as such everywhere', () => {
    const results = resultsOf([140, 140, 280])
    expect(report(engine, results)).toContain('wrong: sum: got 1, expected 2')
    expect(readme(empty, engine, results)).toContain('loses values')
    expect(plot(engine, results)).toContain('loses values')
  })
})

test.each([
  ['engine', 'README.md'],
  ['tasks', 'tasks.md'],
  ['pipelines', 'pipelines.md'],
  ['ws', 'ws.md'],
])('the page of the suite %s shows its plot', (suite, page) => {
  const folder = fileURLToPath(new URL('..', import.meta.url))
  expect(readFileSync(`${folder}/${page}`, 'utf8')).toMatch(
    new RegExp(`!\\[.+\\]\\(results/${suite}\\.svg\\)`),
  )
  expect(existsSync(`${folder}/results/${suite}.svg`)).toBe(true)
})

describe('statistics', () => {
  test('a quantile lies between its neighbours', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3], 1)).toBe(3)
    expect(quantile([], 0.5)).toBeNaN()
  })

  test('a ratio is taken round by round', () => {
    expect(ratio([2, 20, 6], [1, 10, 2])).toEqual({ median: 2, low: 2, high: 2.5 })
  })
})

test('options: what is unknown is refused, what is asked for is read', () => {
  expect(readOptions(['--quick', '--load', 'select', '--load', 'seq']).loads).toEqual(['select', 'seq'])
  expect(readOptions(['--suite', 'ws']).suite).toBe('ws')
  expect(() => readOptions(['--fast'])).toThrow(TypeError)
  expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds')
})
