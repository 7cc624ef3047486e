import type { Machine } from '../measure/machine.ts'
import { median, ratio, spread } from '../measure/statistics.ts'
import type { Figures, Measured, Suite, Timed, TimedLoad } from '../suites/suite.ts'

/** The outcome of a load for a library. Times are per item, in nanoseconds, one for each round. */
export interface Cell {
  readonly library: string
  readonly load: string
  /** The group of a timed load; `null` for a probe. */
  readonly group: string | null
  readonly n: number
  readonly note?: string
  /** Why it does not run this load. */
  readonly no?: string
  /** How it failed: gives no answer in time, loses values, dies. */
  readonly failed?: string
  readonly cpuNs?: readonly (number | null)[]
  readonly wallNs?: readonly (number | null)[]
  readonly figures?: { readonly [figure: string]: readonly number[] }
}

/** A whole run of a suite, as it is written to disk. */
export interface Results {
  readonly suite: string
  readonly machine: Machine
  readonly effort: { readonly rounds: number; readonly targetMs: number }
  readonly versions: { readonly [library: string]: string }
  readonly cells: readonly Cell[]
}

/** Results, as reports and targets ask for them. */
export class ResultFigures implements Figures {
  readonly #results: Results

  constructor(results: Results) {
    this.#results = results
  }

  timed(group: string, { library, load }: Timed): Cell | undefined {
    return this.#results.cells.find(
      (cell) => cell.group === group && cell.library === library && cell.load === load,
    )
  }

  probe(library: string, load: string, size: number): Cell | undefined {
    return this.#results.cells.find(
      (cell) => cell.group === null && cell.library === library && cell.load === load && cell.n === size,
    )
  }

  ratio(group: string, over: Timed, under: Timed): Measured | null {
    return this.#ratio((cell) => cell?.cpuNs, group, over, under)
  }

  wallRatio(group: string, over: Timed, under: Timed): Measured | null {
    return this.#ratio((cell) => cell?.wallNs, group, over, under)
  }

  figureRatio(group: string, name: string, over: Timed, under: Timed): Measured | null {
    return this.#ratio((cell) => cell?.figures?.[name], group, over, under)
  }

  #ratio(
    seriesOf: (cell: Cell | undefined) => readonly (number | null)[] | undefined,
    group: string,
    over: Timed,
    under: Timed,
  ): Measured | null {
    const [a, b] = [over, under].map((timed) => seriesOf(this.timed(group, timed)))
    if (!a || !b) return null
    const rounds = a.flatMap((value, i) => (value === null || b[i] == null ? [] : [[value, b[i]] as const]))
    if (rounds.length === 0) return null
    const {
      median: value,
      low,
      high,
    } = ratio(
      rounds.map(([x]) => x),
      rounds.map(([, y]) => y),
    )
    return { value, low, high }
  }

  /** A load beside the control: on the same load, where the control can do it. */
  ofControl(suite: Suite, load: TimedLoad, library: string): Measured | null {
    const own = { library: suite.control.library, load: load.name }
    const base = load.control ?? (this.timed(load.group, own)?.cpuNs ? own : suite.control)
    return this.ratio(load.group, { library, load: load.name }, base)
  }

  figure(library: string, load: string, size: number, name: string): number | null {
    const values = this.probe(library, load, size)?.figures?.[name]
    return values === undefined || values.length === 0 ? null : median(values)
  }

  librariesOn(group: string, load: string): readonly string[] {
    return this.#results.cells
      .filter((cell) => cell.group === group && cell.load === load && cell.cpuNs !== undefined)
      .map((cell) => cell.library)
  }
}

/** A series without the rounds that were skipped, as median and spread. */
export function spreadOf(series: readonly (number | null)[]): ReturnType<typeof spread> {
  return spread(series.filter((value) => value !== null))
}
