import type { Part } from './model/part.ts'
import type { Values } from './model/value.ts'

/** A program of the playground, before it runs. */
export interface Scene {
  /** In the page's address. */
  readonly id: string
  readonly title: string
  /** What there is to see, in a sentence or two. */
  readonly lead: string
  /** What to try. */
  readonly tries: readonly string[]
  /** A line for the console, where the channels are. */
  readonly forConsole: string
  /** The source of the program, as it runs. */
  readonly code: string
  readonly controls: readonly Control[]
  start(settings: Settings): Play
}

/** A program that runs, and what is drawn of it. */
export interface Play {
  /** From left to right, or from top to bottom. May change from frame to frame. */
  readonly columns: readonly (readonly Part[])[]
  /** Who is connected with whom. */
  readonly wires: readonly (readonly [Part, Part])[]
  readonly values: Values
  /** The program's channels by name, for whoever opens the console. */
  readonly channels: Readonly<Record<string, object>>
  readonly actions: readonly Action[]
  readonly readouts: readonly Readout[]
  /** Follows the controls, and looks at the channels: to be called before each frame, and when a control was worked. */
  update(): void
  /** Ends every task of the program. */
  stop(): void
}

/** Something to do to the program. */
export interface Action {
  readonly label: string
  /** What the page says once it was done. */
  readonly said: string
  run(): void
  /** False once there is nothing left to do it to. */
  can(): boolean
}

/** A number below the picture. */
export interface Readout {
  readonly id: string
  readonly label: string
  read(): number
}

export type Control = RangeControl | ChoiceControl | SwitchControl

interface ControlBase {
  readonly id: string
  readonly label: string
  /** It is something that cannot change while the program runs: a new one is started. */
  readonly restarts?: true
}

export interface RangeControl extends ControlBase {
  readonly kind: 'range'
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly value: number
  /** The value in words: `4 a second`. */
  readonly text?: (value: number) => string
}

export interface ChoiceControl extends ControlBase {
  readonly kind: 'choice'
  readonly options: readonly string[]
  readonly value: string
}

export interface SwitchControl extends ControlBase {
  readonly kind: 'switch'
  readonly value: boolean
}

/** What the controls say now. */
export class Settings {
  readonly #values: Map<string, number | string | boolean>

  constructor(controls: readonly Control[]) {
    this.#values = new Map(controls.map(({ id, value }) => [id, value]))
  }

  set(id: string, value: number | string | boolean): void {
    this.#values.set(id, value)
  }

  number(id: string): number {
    return this.#values.get(id) as number
  }

  choice(id: string): string {
    return this.#values.get(id) as string
  }

  isOn(id: string): boolean {
    return this.#values.get(id) as boolean
  }
}
