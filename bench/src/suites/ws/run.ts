import type { Cell } from '../../report/results.ts'
import { Pair, UnableError } from './pair.ts'
import { probes } from './probes.ts'
import type { Programs } from './processes.ts'
import { type WsLoad, type WsProbe, ws } from './suite.ts'
import { Subject } from './subject.ts'

export interface WsPlan {
  readonly programs: Programs
  readonly rounds: number
  /** CPU time of the server in one run, about. */
  readonly targetMs: number
  /** How often a probe is run of ours and of the control, each time in new processes; of others once. */
  readonly probeRuns: number
  /** Only the largest size of each probe. */
  readonly isQuick: boolean
  /** How long a flood may take. */
  readonly floodMs: number
  readonly wantsLibrary: (library: string) => boolean
  readonly wantsLoad: (load: string) => boolean
  readonly progress: (text: string) => void
}

/**
 * Measures each load with a server process and a generator process for each library, all of a load's at once and in
 * turn: each once a round, in an order that rotates. The time is the CPU time of the server's process. A library that
 * fails is noted as such, and the others go on.
 */
export async function runWs(plan: WsPlan): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const load of ws.loads.filter(({ name }) => plan.wantsLoad(name))) {
    const libraries = ws.libraries
      .map(({ id }) => id)
      .filter((id) => load.only?.includes(id) ?? true)
      .filter((id) => id === ws.control.library || plan.wantsLibrary(id))
    cells.push(
      ...(load.kind === 'timed'
        ? await runTimed(plan, load, libraries)
        : await runProbe(plan, load, libraries)),
    )
  }
  return cells
}

async function runTimed(plan: WsPlan, load: WsLoad, libraries: readonly string[]): Promise<Cell[]> {
  const cells: Cell[] = []
  const failedCell = (library: string, error: unknown): Cell => {
    return { library, load: load.name, group: load.group, n: 0, ...whyNot(error) }
  }
  let subjects: Subject[] = []
  try {
    for (const library of libraries) {
      plan.progress(`${load.name}: warming up ${library}`)
      try {
        const pair = await Pair.listen(plan.programs, library, load.server, load.traffic.isTls)
        const subject = new Subject(pair, load, library)
        subjects.push(subject)
        await subject.warmUp(plan.targetMs, plan.isQuick)
      } catch (error) {
        cells.push(failedCell(library, error))
      }
    }
    const failed = new Set(cells.map(({ library }) => library))
    subjects.filter(({ library }) => failed.has(library)).forEach((subject) => subject.stop())
    subjects = subjects.filter(({ library }) => !failed.has(library))
    const end = performance.now() + ROUNDS_MS
    for (let round = 0; round < plan.rounds; round++) {
      if (round >= FEWEST_ROUNDS && performance.now() > end) break
      plan.progress(`${load.name}: round ${round + 1} of ${plan.rounds}`)
      const order = subjects.map((_, i) => subjects[(i + round) % subjects.length]!)
      for (const subject of order) {
        try {
          await subject.run()
        } catch (error) {
          subject.stop()
          subjects = subjects.filter((other) => other !== subject)
          // What was measured before stays valid.
          const ending = failedCell(subject.library, error)
          const note = `ends in round ${round + 1}: ${ending.no ?? ending.failed}`
          cells.push(round < FEWEST_ROUNDS ? ending : { ...subject.cell(), note })
        }
      }
    }
    return [...subjects.map((subject) => subject.cell()), ...cells]
  } finally {
    for (const subject of subjects) subject.stop()
  }
}

/** A load that is slow, or runs on a busy machine, has fewer rounds. */
const ROUNDS_MS = 20_000
/** Fewer rounds have no median worth the name. */
const FEWEST_ROUNDS = 3

/** The libraries whose figures the targets are about. */
const judged: ReadonlySet<string> = new Set([ws.control.library, ws.subject])

async function runProbe(plan: WsPlan, load: WsProbe, libraries: readonly string[]): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const n of plan.isQuick ? load.sizes.slice(-1) : load.sizes) {
    for (const library of libraries) {
      plan.progress(`${load.name}: ${library}, ${n.toLocaleString('en')}`)
      const cell = { library, load: load.name, group: null, n }
      try {
        const seen: { readonly [figure: string]: number }[] = []
        const runs = judged.has(library) ? plan.probeRuns : 1
        for (let i = 0; i < runs; i++) seen.push(await probeOnce(plan, load, library, n))
        const names = Object.keys(seen[0]!)
        const figures = names.map((name) => [name, seen.map((one) => Number(one[name]!.toPrecision(4)))])
        cells.push({ ...cell, figures: Object.fromEntries(figures) })
      } catch (error) {
        cells.push({ ...cell, ...whyNot(error) })
      }
    }
  }
  return cells
}

async function probeOnce(
  plan: WsPlan,
  load: WsProbe,
  library: string,
  n: number,
): Promise<{ readonly [figure: string]: number }> {
  const pair = await Pair.listen(plan.programs, library, load.server, load.traffic.isTls)
  try {
    return await probes[load.name]!(pair, load.traffic, n, plan.floodMs)
  } finally {
    pair.stop()
  }
}

function whyNot(error: unknown): { readonly no: string } | { readonly failed: string } {
  if (error instanceof UnableError) return { no: error.message }
  return { failed: error instanceof Error ? error.message : String(error) }
}
