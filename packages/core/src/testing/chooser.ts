/**
 * What is decided at a choice: which task goes on, whether one that becomes ready goes on in the same turn, which case of
 * a select happens, which timer of several that are due rings, whether the context is cancelled here.
 */
export type Why = 'next' | 'wake' | 'pick' | 'timer' | 'cancel'

/** Decides what a simulation leaves open. */
export interface Chooser {
  /**
   * A whole number below `count`; 0 is what the engine would do.
   *
   * @param tasks for `next`: which task each of the first choices belongs to
   */
  choose(count: number, why: Why, tasks?: readonly number[]): number
}

/** What the engine would do. */
export const inOrder: Chooser = { choose: () => 0 }
