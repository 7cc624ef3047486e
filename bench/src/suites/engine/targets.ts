// What the engine has to reach, in terms of the figures.

import type { Figures, Measured, Target } from '../suite.ts'

const OURS = 'chansel'
/** Neither rivals nor ours: what the others are compared with. */
const CONTROLS = ['promises', 'async-generators', 'go', 'message-port', 'chansel', 'chansel-unprotected']
const WAITERS = 100_000
const ORDERS = ['fifo', 'lifo', 'random']

const fromFloor = [
  ['hand-over', 'spsc-unbuffered'],
  ['buffered', 'spsc-buffered-128'],
  ['mpmc', 'mpmc-8x8-unbuffered'],
] as const
const phases = ['ready', 'parked'] as const
const sendReceive = [...fromFloor, ['hand-over', 'iterate']] as const
const selects = phases.flatMap((phase) => [
  ...[2, 8, 64].map((count) => [`select-${count}`, `select-receive-${count}-${phase}`] as const),
  ['select-mixed', `select-mixed-${phase}`] as const,
  ['select-cancel', `select-cancel-${phase}`] as const,
])
const rows = [
  ['seq', 'seq'],
  ...sendReceive,
  ['buffered', 'spsc-buffered-128-try'],
  ['ping-pong', 'ping-pong'],
  ['sieve', 'sieve'],
  ...selects,
] as const

export const targets: readonly Target[] = [
  ...fromFloor.map(([group, load]) =>
    atMost(1.5, `${load}, of the floor`, (f) => against(f, group, load, 'promises')),
  ),
  atMost(1.1, 'iterate, of the loop with receive', (f) =>
    f.ratio('hand-over', { library: OURS, load: 'iterate' }, { library: OURS, load: 'spsc-unbuffered' }),
  ),
  atMost(1, 'spsc-buffered-128-try, of Go buffered', (f) =>
    f.ratio(
      'buffered',
      { library: OURS, load: 'spsc-buffered-128-try' },
      { library: 'go', load: 'spsc-buffered-128' },
    ),
  ),
  ...selectOfGo('select', { 2: 1.3, 8: 0.8, 64: 0.15 }),
  ...selectOfGo('prepared-select', { 2: 1, 8: 0.6, 64: 0.06 }),
  atMost(1.05, 'a context in each wait, of none', (f) =>
    f.ratio(
      'context',
      { library: OURS, load: 'spsc-unbuffered-context' },
      { library: OURS, load: 'spsc-unbuffered' },
    ),
  ),
  atMost(2.2, 'sieve, of async generators', (f) => against(f, 'sieve', 'sieve', 'async-generators')),
  ...rows.map(([group, load]) =>
    atMost(1, `${load}, of the fastest JavaScript library`, (f) => againstFastest(f, group, load)),
  ),
  ...sendReceive.map(([group, load]) => atLeast(10, `ts-chan's ${load}, of ours`, group, load, 'ts-chan')),
  ...selects.map(([group, load]) => atLeast(30, `ts-chan's ${load}, of ours`, group, load, 'ts-chan')),
  ...selects
    .filter(([, load]) => !load.includes('mixed'))
    .map(([group, load]) => atLeast(3, `@thi.ng/csp's ${load}, of ours`, group, load, 'thi-ng-csp')),
  probe(180, 'bytes', 'an idle channel', 'memory-idle', WAITERS, 'bytes'),
  probe(340, 'bytes', 'a blocked receive', 'memory-blocked', WAITERS, 'bytes'),
  probe(1, 'bytes', 'heap growth by a select with a quiet loser', 'memory-select', 1_000_000, 'bytes'),
  ...['channel', 'signal', 'context'].flatMap((kind) => [eachWaiter(kind), linearWaiters(kind)]),
  probe(100, 'ms', '100,000 blocked senders drained', 'drain', WAITERS, 'drainMs'),
  probe(3, 'ms', 'setTimeout(1) late, median', 'starvation', 1_500, 'timerLateMedianMs'),
  probe(6, 'ms', 'setTimeout(1) late, 95th percentile', 'starvation', 1_500, 'timerLateP95Ms'),
  probe(15, 'ms', 'readFile, 95th percentile', 'starvation', 1_500, 'readFileP95Ms'),
  {
    what: 'throughput, of the unprotected engine',
    limit: 0.85,
    better: 'higher',
    unit: '×',
    measure: (f) =>
      f.ratio(
        'ping-pong',
        { library: 'chansel-unprotected', load: 'ping-pong' },
        { library: OURS, load: 'ping-pong' },
      ),
  },
]

function atMost(limit: number, what: string, measure: Target['measure']): Target {
  return { what, limit, better: 'lower', unit: '×', measure }
}

/** How many times as long another library takes. */
function atLeast(limit: number, what: string, group: string, load: string, library: string): Target {
  const measure = (f: Figures): Measured | null => f.ratio(group, { library, load }, { library: OURS, load })
  return { what, limit, better: 'higher', unit: '×', measure }
}

function probe(
  limit: number,
  unit: string,
  what: string,
  load: string,
  size: number,
  figure: string,
): Target {
  const measure = (f: Figures): Measured | null => {
    const value = f.figure(OURS, load, size, figure)
    return value === null ? null : { value }
  }
  return { what, limit, better: 'lower', unit, measure }
}

function selectOfGo(kind: string, limits: { readonly [count: number]: number }): Target[] {
  return Object.entries(limits).flatMap(([count, limit]) =>
    phases.map((phase) =>
      atMost(limit, `${kind} over ${count}, ${phase}, of Go`, (f) =>
        f.ratio(
          `select-${count}`,
          { library: OURS, load: `${kind}-receive-${count}-${phase}` },
          { library: 'go', load: `select-receive-${count}-${phase}` },
        ),
      ),
    ),
  )
}

/** The worst of registering and ending, in any order. */
function eachWaiter(kind: string): Target {
  const names = ORDERS.flatMap((order) => [`${order}RegisterUs`, `${order}EndUs`])
  if (kind !== 'channel') names.push('atOnceEndUs')
  return {
    what: `100,000 waiters on one ${kind}, to register or to end one`,
    limit: 1.5,
    better: 'lower',
    unit: 'µs',
    measure: (f) => worstOf(names, (name) => f.figure(OURS, `cancel-${kind}`, WAITERS, name)),
  }
}

/**
 * Both together, beside half as many waiters: what is quadratic takes twice as long each. Not beside a tenth: so few
 * fit into the part of the heap that costs nothing to collect.
 */
function linearWaiters(kind: string): Target {
  const total = (f: Figures, n: number, order: string): number => {
    const steps = ['Register', 'End'].map((step) => f.figure(OURS, `cancel-${kind}`, n, `${order}${step}Us`))
    return steps.reduce<number>((sum, us) => sum + (us ?? NaN), 0)
  }
  return {
    what: `100,000 waiters on one ${kind}, each beside one of 50,000`,
    limit: 1.5,
    better: 'lower',
    unit: '×',
    measure: (f) => worstOf(ORDERS, (order) => total(f, WAITERS, order) / total(f, WAITERS / 2, order)),
  }
}

function worstOf(names: readonly string[], valueOf: (name: string) => number | null): Measured | null {
  const all = names.map((name) => ({ value: valueOf(name) ?? NaN, of: name }))
  if (all.some(({ value }) => Number.isNaN(value))) return null
  return all.reduce((worst, one) => (one.value > worst.value ? one : worst))
}

function against(f: Figures, group: string, load: string, library: string): Measured | null {
  return f.ratio(group, { library: OURS, load }, { library, load })
}

function againstFastest(f: Figures, group: string, load: string): Measured | null {
  const ratios = f
    .librariesOn(group, load)
    .filter((library) => !CONTROLS.includes(library))
    .map((library) => ({ library, measured: against(f, group, load, library) }))
    .filter((one): one is { library: string; measured: Measured } => one.measured !== null)
  if (ratios.length === 0) return null
  const worst = ratios.reduce((a, b) => (b.measured.value > a.measured.value ? b : a))
  return { ...worst.measured, of: worst.library }
}
