/*
 * What the driver and a process under measurement tell each other: one JSON object a line, over the standard
 * streams. Go's program speaks the same.
 */

export type Request =
  /** Which loads can you do? */
  | { readonly command: 'describe' }
  /** Find the number of items for which one warm run of the load takes `targetMs` of CPU time. */
  | { readonly command: 'calibrate'; readonly load: string; readonly targetMs: number }
  | { readonly command: 'run'; readonly load: string; readonly n: number }

export interface Description {
  readonly loads: { readonly [load: string]: { readonly note?: string; readonly no?: string } }
}

export interface Calibration {
  readonly n: number
}

export interface Run {
  readonly n: number
  /** User and system time of the whole process: collectors and compilers in other threads count. */
  readonly cpuNs: number
  readonly wallNs: number
  readonly observed: { readonly [figure: string]: number }
}

export interface Failure {
  readonly error: string
}

export type Reply = Description | Calibration | Run | Failure
