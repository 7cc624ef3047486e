import { type Cancel, sleep } from 'chansel'
import type { Part } from './part.ts'
import type { Value } from './value.ts'

/**
 * A task of a program as the page knows it: by what the program asked for last, and by how it ended. The page gives the
 * program the functions that it calls between its operations; it never stands between the program and a channel.
 *
 * Invariant: `holds` is the value that the program was given last. It has passed it on once that is elsewhere.
 */
export class Task implements Part {
  readonly id: string
  readonly label: string
  readonly hue: number
  /** What it does when nothing else is known. */
  readonly idle: string
  holds: Value | undefined
  /** What it does for a while, with when that began and ends, in ms of the page's clock. */
  work: { readonly what: string; readonly from: number; readonly until: number } | undefined
  /** How it ended: `''` by returning, else the name of its error. */
  ended: string | undefined
  /** How often it did something, by what that is. */
  readonly tallies = new Map<string, number>()

  constructor(id: string, label: string, idle: string, hue = 1) {
    this.id = id
    this.label = label
    this.idle = idle
    this.hue = hue
  }

  /** The value that it has, and has not passed on. */
  get value(): Value | undefined {
    return this.holds?.part === this ? this.holds : undefined
  }

  get isBusy(): boolean {
    return this.work !== undefined || this.value !== undefined
  }

  /** Follows the promise of the program that this task runs. */
  run(program: Promise<unknown>, ended: () => void = () => {}): void {
    const end = (how: string) => {
      this.work = undefined
      this.ended = how
      ended()
    }
    program.then(
      () => end(''),
      (error: unknown) => end(error instanceof Error ? error.name : String(error)),
    )
  }

  /** Takes as long as real work would. */
  async busy(what: string, ms: number, cancel?: Cancel): Promise<void> {
    const from = performance.now()
    this.work = { what, from, until: from + ms }
    try {
      await sleep(ms, cancel)
    } finally {
      this.work = undefined
    }
  }

  tally(what: string): void {
    this.tallies.set(what, (this.tallies.get(what) ?? 0) + 1)
  }
}
