import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { NOTHING, Waiter } from '../internal/waiter.ts'
import type { Input } from './intake.ts'
import { Output } from './output.ts'

/** How a stage makes its values: emits them, one for each demand, and returns at the end or throws. */
export type Program<T> = (stage: Stage<T>) => Promise<void>

export interface StageOptions {
  /**
   * Whether it goes on reading while nobody waits: from the first demand on, or on its own, from when it is made. Its
   * program sees to it that this has a bound.
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
 * 1. Inputs are read by the program, or by a transform that is pulled by the program of another stage: the user's code
 *    runs in a task, in the async context in which its stage, or the one that pulls, was made.
 * 2. While nobody waits, no receive of an input does, unless the stage reads ahead. (Where calls land it may wait a
 *    microtask longer.)
 * 3. The cancellation is watched from the start until the stage is over. Before the start it is only looked at.
 */
export class Stage<T> extends Output<T> {
  readonly #inputs: readonly Input<unknown>[]
  readonly #readsAhead: boolean
  /** The program rests here until it is woken; the first time starts it. */
  #demand: Waiter | null
  #watch: Waiter | null = null
  #hasStarted = false
  /** Called when a value that was held is received: for a program that counts these. */
  onTaken: (() => void) | null = null

  constructor(
    inputs: readonly Input<unknown>[],
    cancel: Cancel | undefined,
    program: Program<T>,
    options: StageOptions = {},
  ) {
    super(optionalCancellationOf(cancel), {
      depth: inputs.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
    })
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

  /** Starts without a demand. The program runs in a task all the same. */
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
    if (this.cancellation === null) return
    this.#watch = new Waiter(null, NOTHING)
    void this.#watch.promise<void>().catch(() => this.observe())
    this.cancellation.park(this.#watch)
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
