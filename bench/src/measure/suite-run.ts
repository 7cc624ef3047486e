import { join } from 'node:path'
import type { Cell } from '../report/results.ts'
import type { Probe, Suite, TimedLoad } from '../suites/suite.ts'
import { Peer } from './peer.ts'
import type { Description } from './protocol.ts'
import { type Effort, type Measurement, measureInRounds } from './rounds.ts'

export interface Plan {
  readonly suite: Suite
  readonly effort: Effort
  /** How often a probe is run, each time in a new process. */
  readonly probeRuns: number
  readonly probeLimitMs: number
  /** Go's program, if it could be built. */
  readonly go: string | null
  /** The folder of the bundles. */
  readonly modules: string
  readonly wantsLibrary: (library: string) => boolean
  readonly wantsLoad: (load: string) => boolean
  readonly progress: (text: string) => void
}

/** Measures what the plan says: the timed loads group by group, then the probes one by one. */
export async function runSuite(plan: Plan): Promise<Cell[]> {
  const subjects = new Map<string, Subject>()
  const { suite } = plan
  for (const { id } of suite.libraries) {
    const isControl = id === suite.control.library
    if (!isControl && !plan.wantsLibrary(id)) continue
    const peer = peerOf(plan, id)
    if (peer === null) continue
    const reply = await peer.ask({ command: 'describe' }, plan.effort.limitMs)
    if (!('loads' in reply)) throw new Error(`Cannot describe ${id}: ${'error' in reply ? reply.error : ''}`)
    subjects.set(id, { peer, loads: reply.loads })
  }
  const cells: Cell[] = []
  try {
    const timed = suite.loads.filter((load) => load.kind === 'timed')
    const wanted = timed.filter(({ name }) => plan.wantsLoad(name))
    for (const group of new Set(wanted.map((load) => load.group))) {
      // The whole group: its ratios need all of its loads.
      cells.push(...(await runGroup(plan, group, timed, subjects)))
    }
    for (const { peer } of subjects.values()) peer.stop()
    for (const load of suite.loads) {
      if (load.kind === 'probe' && plan.wantsLoad(load.name))
        cells.push(...(await runProbe(plan, load, subjects)))
    }
  } finally {
    for (const { peer } of subjects.values()) peer.stop()
  }
  return cells
}

interface Subject {
  readonly peer: Peer
  readonly loads: Description['loads']
}

function peerOf({ go, modules }: Plan, library: string): Peer | null {
  if (library === 'go') return go === null ? null : new Peer(go, [], { GOMAXPROCS: '1' })
  const module = join(modules, `libraries/${library}.js`)
  return new Peer(process.execPath, ['--expose-gc', join(modules, 'serve.js'), module])
}

async function runGroup(
  plan: Plan,
  group: string,
  timed: readonly TimedLoad[],
  subjects: ReadonlyMap<string, Subject>,
): Promise<Cell[]> {
  const cells: Cell[] = []
  const measurements: Measurement[] = []
  const loads = timed.filter((load) => load.group === group)
  const add = (load: TimedLoad, library: string): void => {
    const { peer, loads: offered } = subjects.get(library)!
    const entry = offered[load.name]
    if (entry === undefined) return
    if (entry.no !== undefined) cells.push({ library, load: load.name, group, n: 0, no: entry.no })
    else measurements.push({ library, load: load.name, peer, items: load.items })
  }
  for (const load of loads) {
    for (const library of subjects.keys()) {
      if (load.only === undefined || load.only.includes(library)) add(load, library)
    }
  }
  const { control } = plan.suite
  const hasControl = measurements.some(
    ({ library, load }) => library === control.library && load === control.load,
  )
  if (!hasControl) {
    add({ kind: 'timed', name: control.load, group, what: '', unit: 'ns' }, control.library)
  }
  const outcomes = await measureInRounds(measurements, plan.effort, (text) =>
    plan.progress(`${group}: ${text}`),
  )
  for (const [{ library, load, items }, { n, runs, failed }] of outcomes) {
    const note = subjects.get(library)!.loads[load]?.note
    const cell = { library, load, group, n, ...(note === undefined ? {} : { note }) }
    // A load with a fixed number of items counts as one item.
    const each = items === undefined ? n : 1
    const observed = runs.flatMap((run) => (run === null ? [] : [run.observed]))
    if (failed !== undefined) cells.push({ ...cell, failed })
    else {
      cells.push({
        ...cell,
        cpuNs: runs.map((run) => (run === null ? null : round(run.cpuNs / each))),
        wallNs: runs.map((run) => (run === null ? null : round(run.wallNs / each))),
        ...(Object.keys(observed[0] ?? {}).length === 0 ? {} : { figures: collect(observed) }),
      })
    }
  }
  return cells
}

async function runProbe(plan: Plan, load: Probe, subjects: ReadonlyMap<string, Subject>): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const [library, { loads }] of subjects) {
    const entry = loads[load.name]
    if (entry === undefined) continue
    for (const n of load.sizes) {
      const cell = { library, load: load.name, group: null, n, ...entry }
      if (entry.no !== undefined) {
        cells.push(cell)
        continue
      }
      plan.progress(`${load.name}: ${library}, ${n.toLocaleString('en')}`)
      const outcome = await probeOnce(plan, library, load.name, n)
      cells.push({ ...cell, ...outcome })
      // A probe that fails with few fails with more.
      if ('failed' in outcome) break
    }
  }
  return cells
}

async function probeOnce(
  plan: Plan,
  library: string,
  load: string,
  n: number,
): Promise<Pick<Cell, 'failed'> | Pick<Cell, 'figures'>> {
  const observed: { readonly [figure: string]: number }[] = []
  for (let i = 0; i < plan.probeRuns; i++) {
    const peer = peerOf(plan, library)!
    const reply = await peer.ask({ command: 'run', load, n }, plan.probeLimitMs)
    peer.stop()
    if (!('observed' in reply)) return { failed: 'error' in reply ? reply.error : 'no answer' }
    observed.push(reply.observed)
    // Repeating something that takes this long does not make the figure better.
    if (reply.wallNs > 5e9) break
  }
  return { figures: collect(observed) }
}

function collect(observed: readonly { readonly [figure: string]: number }[]): {
  [figure: string]: number[]
} {
  const names = Object.keys(observed[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, observed.map((one) => round(one[name]!))]))
}

/** Four figures are more than a run deserves. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}
