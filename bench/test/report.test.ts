import { describe, expect, test } from 'vitest'
import { quantile, ratio } from '../src/measure/statistics.ts'
import { readOptions } from '../src/options.ts'
import { judge } from '../src/report/judge.ts'
import { plot } from '../src/report/plot.ts'
import { readme } from '../src/report/readme.ts'
import type { Cell, Results } from '../src/report/results.ts'
import { report } from '../src/report/table.ts'
import { engine } from '../src/suites/engine/suite.ts'

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

function verdicts(ours: readonly number[]): { [what: string]: boolean | null } {
  return Object.fromEntries(judge(engine, resultsOf(ours)).map(({ target, met }) => [target.what, met]))
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

describe('reports', () => {
  const markers = ['machine', 'targets', 'times', 'spread', 'probes', 'remarks']
  const empty = markers.map((name) => `<!-- ${name} -->\n<!-- /${name} -->`).join('\n')

  test('the README keeps what is written by hand, and is the same made twice', () => {
    const once = readme(`before\n${empty}\nafter`, engine, resultsOf([140, 140, 280]))
    expect(once).toMatch(/^before\n[^]*\nafter$/)
    expect(once).toContain('| spsc-unbuffered, of the floor | at most 1.5 × | 1.40 (1.40 to 1.40) | met |')
    expect(readme(once, engine, resultsOf([140, 140, 280]))).toBe(once)
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
  expect(() => readOptions(['--fast'])).toThrow(TypeError)
  expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds')
})
