import type { Chooser } from './chooser.ts'

export interface BubbleOptions {
  readonly chooser: Chooser
  /** How long a task may wait, in real ms, for what the bubble cannot see. */
  readonly externalTimeoutMs: number
  readonly maxSteps: number
  /** Lets the chooser cancel the context of the bubble at each step. */
  readonly cancels: boolean
  /**
   * Lets the chooser wake all that are ready in one turn, and who becomes ready in that turn while others run, so that
   * what they await of their own is interleaved, too.
   */
  readonly bursts: boolean
  /** With bursts: lets it do so for a task that nobody else runs beside, since tasks run on beside their own operations. */
  readonly overlaps: boolean
  /** Called for each step, if anybody wants to know. */
  readonly trace?: ((task: string, what: string, at: string) => void) | undefined
  readonly patience: Patience
  /** Whether operations note where they were called, which takes longer than the operations do. */
  readonly notesSites: boolean
}

/** How long to wait for the outside where nothing tells whether anything can come from there. */
export interface Patience {
  ms: number
}
