/** For tests, and for programs that hang: virtual time, exploration of orders, reports of who waits where. */
export { DeadlockError, ExplorationError } from './errors.ts'
export type { WaitingOperation } from './task.ts'
export { type SeededRandom, seededRandom } from './random.ts'
export { type SimulateOptions, simulate } from './simulate.ts'
export type { Simulation } from './simulation.ts'
export { snapshot } from './snapshot.ts'
