import { type Cancel, cancellationOf } from '../internal/foreign.ts'
import type { Cancellation } from '../internal/cancellation.ts'
import { NOTHING, Waiter } from '../internal/waiter.ts'
import type { Input } from './intake.ts'
import { Output } from './output.ts'

/** How a stage makes its values: emits them, one for each demand, and returns at the end or throws. */
export type Program<T> = (stage: Stage<T>) => Promise<void>

export interface StageOptions {
  /**
   * Whether it goes on reading while nobody waits, its program seeing to it that this has a bound: from the first
   * demand on, or on its own, from when it is made.
   */
  readonly readsAhead?: 'on-demand' | 'on-its-own'
}

/**
 * A stage of a pipeline: reads inputs and emits what its program makes of them.
 *
 * No task has to be stopped: the program begins when it is first woken, by a demand as a rule, and rests on a
 * promise that only the stage knows. A stage that is over leaves it there, and both are garbage.
 *
 * Invariants:
 * 1. Inputs are read by the program, or by a transform that is pulled by the program of another stage: the code of the
 *    user runs in a task, in the async context in which its stage, or the one that pulls, was made.
 * 2. While nobody waits, no receive of an input does, unless it reads ahead; where calls land, a microtask later.
 * 3. The cancellation is watched from the start until the stage is over. Before, it is looked at.
 */
export class Stage<T> extends Output<T> {
  readonly #cancellation: Cancellation | null
  readonly #inputs: readonly Input<unknown>[]
  readonly #readsAhead: boolean
  /** The program rests here until it is woken; the first time starts it. */
  #demand: Waiter | null
  #watch: Waiter | null = null
  #hasStarted = false
  /** For a program that counts what is held. */
  onTaken: (() => void) | null = null

  constructor(
    inputs: readonly Input<unknown>[],
    cancel: Cancel | undefined,
    program: Program<T>,
    options: StageOptions = {},
  ) {
    const cancellation = cancel === undefined ? null : cancellationOf(cancel)
    super(cancellation, { depth: inputs.reduce((deepest, { depth }) => Math.max(deepest, depth), 0) })
    this.#cancellation = cancellation
    this.#inputs = inputs
    this.#readsAhead = options.readsAhead !== undefined
    this.#demand = new Waiter(null, NOTHING)
    void this.#demand.promise<void>().then(() => this.#run(program))
    if (options.readsAhead === 'on-its-own') this.startNow()
  }

  async #run(program: Program<T>): Promise<void> {
    try {
      await program(this)
      await this.#release()
    } catch (error) {
      this.fail(error)
      return
    }
    this.end()
  }

  /** Resolves when a value is wanted, or when it is woken for another reason. */
  demand(): Promise<void> {
    this.#demand = new Waiter(null, NOTHING)
    return this.#demand.promise()
  }

  protected wanted(): void {
    this.start()
    this.#resume()
    this.wake()
  }

  #resume(): void {
    if (this.isLanding) void Promise.resolve().then(() => this.isWanted && this.#resumeInputs())
    else this.#resumeInputs()
  }

  #resumeInputs(): void {
    for (const input of this.#inputs) input.resume()
  }

  /** Without a demand. Its program runs in a task, as ever. */
  protected startNow(): void {
    if (this.observe()) this.wanted()
  }

  /** Whether its program waits to be woken. */
  protected get isResting(): boolean {
    return this.#demand !== null
  }

  wake(): void {
    const demand = this.#demand
    if (demand === null) return
    this.#demand = null
    demand.accept()
  }

  /** Only after `observe` said that it is open. */
  protected start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    if (this.#cancellation === null) return
    this.#watch = new Waiter(null, NOTHING)
    void this.#watch.promise<void>().catch(() => this.observe())
    this.#cancellation.park(this.#watch)
  }

  protected unwanted(): void {
    if (!this.#readsAhead) this.suspend()
  }

  override abandoned(): void {
    if (!this.isWanted) this.suspend()
  }

  protected suspend(): void {
    if (this.isLanding) void Promise.resolve().then(() => this.isWanted || this.#suspendInputs())
    else this.#suspendInputs()
  }

  #suspendInputs(): void {
    for (const input of this.#inputs) input.suspend()
  }

  protected taken(): void {
    this.onTaken?.()
  }

  protected over(): Promise<void> | undefined {
    this.#watch?.withdraw()
    this.#demand = this.onTaken = null
    return this.#release()
  }

  #release(): Promise<void> | undefined {
    const releases = this.#inputs.flatMap((input) => input.release() ?? [])
    return releases.length === 0 ? undefined : Promise.all(releases).then(() => undefined)
  }
}
