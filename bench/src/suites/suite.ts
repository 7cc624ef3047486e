/** Times of items, measured in rounds. Loads of one group share their rounds, so their ratios mean something. */
export interface TimedLoad {
  readonly kind: 'timed'
  readonly name: string
  readonly group: string
  readonly what: string
  /** An item's time in nanoseconds, or a whole run's in milliseconds. */
  readonly unit: 'ns' | 'ms'
  /** What it is compared with, where that is not the suite's control. */
  readonly control?: Timed
  /** Set where the number of items is the load's own and not the calibration's. */
  readonly items?: number
  /** Left out for all others. */
  readonly only?: readonly string[]
}

/** Figures from a run of its own, in a new process each time. */
export interface Probe {
  readonly kind: 'probe'
  readonly name: string
  readonly what: string
  /** The sizes to run it with. */
  readonly sizes: readonly number[]
}

export interface LibraryTitle {
  readonly id: string
  readonly title: string
  /** The npm package whose version is told. */
  readonly package?: string
}

export interface Suite {
  readonly name: string
  readonly loads: readonly (TimedLoad | Probe)[]
  readonly libraries: readonly LibraryTitle[]
  /** What everything is compared with, where it can run the load itself, and else on this one. */
  readonly control: { readonly library: string; readonly load: string }
  /** Which library is ours. */
  readonly subject: string
  readonly targets: readonly Target[]
  /** The engine's, unless told. */
  readonly presentation?: Presentation
}

/** The words and columns of reports. */
export interface Presentation {
  /** Head of the plot, and what stands under it. */
  readonly title: string
  readonly floor: string
  /** What one multiple is, as the head of a column. */
  readonly floorShort: string
  /** Beside whom ours stands in the table of spreads. */
  readonly rival: string
  readonly rivalTitle: string
  /** Libraries that are neither rivals nor ours. */
  readonly controls: readonly string[]
  /** One more column of timed loads. */
  readonly detail: Detail
}

export interface Detail {
  readonly title: string
  readonly of: (figures: { readonly [figure: string]: readonly number[] }) => string
}

/** A promise about a figure: `measure` returns that figure, `null` if it was not measured. */
export interface Target {
  readonly what: string
  readonly limit: number
  /** Which side of the limit is good. */
  readonly better: 'lower' | 'higher'
  readonly unit: string
  readonly measure: (figures: Figures) => Measured | null
}

export interface Measured {
  readonly value: number
  readonly low?: number
  readonly high?: number
  /** What the value is of, where the target does not say. */
  readonly of?: string
}

/** The results as a target asks for them. */
export interface Figures {
  /** Ratio of two timed loads of one group, round by round. */
  ratio(group: string, over: Timed, under: Timed): Measured | null
  /** The same of the wall's time. */
  wallRatio(group: string, over: Timed, under: Timed): Measured | null
  /** The same of a figure that was noted beside the times. */
  figureRatio(group: string, name: string, over: Timed, under: Timed): Measured | null
  /** A probe's figure, the median of its runs. */
  figure(library: string, load: string, size: number, name: string): number | null
  /** The libraries that ran a timed load to its end. */
  librariesOn(group: string, load: string): readonly string[]
}

export interface Timed {
  readonly library: string
  readonly load: string
}
