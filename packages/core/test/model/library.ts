import {
  type Cancel,
  type CancelContext,
  CanceledError,
  type Channel,
  ClosedChannelError,
  type Context,
  DeadlineExceededError,
  type ReceiveChannel,
  type Timer,
  after,
  afterFunc,
  background,
  channel,
  contextKey,
  ticker,
  timer,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from 'chansel'
import { settle } from '../support/pending.ts'
import type { Selectors } from './selectors.ts'
import { DEFAULT, type Things, attempt, cancelOf, caseOf, wait } from './operations.ts'
import type { ChannelKind, Command, Completion, MakeContext, Operate, Outcome } from './state.ts'
import { ERRORS, type Values } from './values.ts'
import { clock } from './world.ts'

const KEY = contextKey<number>('key')

/** Runs commands against the library, and notes the outcomes. */
export class Library implements Things {
  readonly channels: Channel<unknown>[]
  readonly contexts: Cancel[] = []
  readonly timers: ReceiveChannel<number>[] = []
  /** The signal that each context hangs on, by its index. */
  readonly #origins: (number | undefined)[] = []
  /** When the program began, in epoch ms. */
  readonly began: number = clock.epochMs
  readonly values: Values
  readonly selectors: Selectors | undefined
  /** The signals that were made of contexts. */
  readonly followed = new Map<number, AbortSignal>()
  readonly #cancels = new Map<number, () => void>()
  readonly #stops = new Map<number, () => boolean>()
  readonly #ended = new Set<number>()
  #completed: Completion[] = []

  constructor(channels: readonly ChannelKind[], values: Values, selectors?: Selectors) {
    this.channels = channels.map(({ capacity, overflow }) => channel<unknown>(capacity, { overflow }))
    this.values = values
    this.selectors = selectors
  }

  valueOf(n: number): unknown {
    return this.values.valueOf(n)
  }

  /** Says what the call says. */
  run(command: Command): Outcome['said'] {
    if ('cases' in command) return this.#operate(command)
    if ('cancel' in command) this.#cancels.get(command.cancel)?.()
    else if ('close' in command) return this.#close(this.channels[command.close]!, command.error)
    else if ('context' in command) this.#addContext(command)
    else if ('end' in command) this.#end(this.contexts[command.end]!, command.cause)
    else if ('look' in command) void (this.contexts[command.look] as Partial<Context>).cause
    else if ('follow' in command) this.#follow(command.follow)
    else if ('func' in command) this.#afterFunc(command.op, this.contexts[command.func]!)
    else if ('stopFunc' in command) return this.#stops.get(command.stopFunc)!()
    else if ('clock' in command) this.timers.push({ after, timer, ticker }[command.clock](command.ms))
    else if ('stop' in command) return (this.timers[command.stop] as Partial<Timer>).stop?.()
    else if ('reset' in command) return (this.timers[command.reset] as Partial<Timer>).reset?.(command.ms)
    else if ('busy' in command) clock.busy(command.busy)
    else clock.advance(command.pass)
    return undefined
  }

  /** What came to an end since the last time, in the order in which it was told. */
  async completed(): Promise<Completion[]> {
    await settle()
    const completed = this.#completed
    this.#completed = []
    return completed
  }

  /** Leaves nothing behind, whatever state it is in. */
  end(): void {
    clock.advance(1_000)
    for (const [op, fire] of this.#cancels) if (!this.#ended.has(op)) fire()
    for (const ctx of this.contexts) this.#end(ctx, ERRORS)
    for (const one of this.timers) (one as Partial<Timer>).stop?.()
    for (const ch of this.channels) ch[Symbol.dispose]()
    this.selectors?.end()
  }

  #operate(operation: Operate): Completion | undefined {
    const { op, under } = operation
    if (operation.default) {
      try {
        return this.#completionOf(operation, attempt(this, operation))
      } catch (error) {
        return this.#failureOf(op, error)
      }
    }
    const own = cancelOf(op)
    if (under === undefined) this.#cancels.set(op, own.fire)
    if (operation.canceled) own.fire()
    const cancel = under === undefined ? own.cancel : this.contexts[under]!
    wait(this, operation, cancel).then(
      (result) => this.#complete(this.#completionOf(operation, result)),
      (error: unknown) => this.#complete(this.#failureOf(op, error, cancel)),
    )
    return undefined
  }

  #complete(completion: Completion): void {
    this.#completed.push(completion)
    this.#ended.add(completion.op)
  }

  #close(ch: Channel<unknown>, error: number | undefined): 'threw' | undefined {
    try {
      ch.close(error === undefined ? undefined : this.valueOf(error))
      return undefined
    } catch (thrown) {
      if (!(thrown instanceof ClosedChannelError) || thrown.operation !== 'close') throw thrown
      return 'threw'
    }
  }

  #addContext(command: MakeContext): void {
    const { context, parent } = command
    const above = parent === null || context === 'detached' ? undefined : this.#origins[parent]
    this.#origins.push(context === 'signal' ? this.contexts.length : above)
    this.contexts.push(this.#makeContext(command))
  }

  /** It has a listener of somebody else, which comes first: there, too, what hangs on the signal has ended. */
  #makeSignal(): AbortController {
    const controller = new AbortController()
    const index = this.contexts.length
    const look = () => {
      for (const [i, ctx] of this.contexts.entries()) {
        if (i === index || this.#origins[i] !== index) continue
        // Something that no operation can return.
        if ((ctx as Context).err === undefined) this.#complete({ op: -1 - i, error: 'failed' })
      }
    }
    controller.signal.addEventListener('abort', index % 2 === 0 ? look : () => {})
    return controller
  }

  #makeContext({ context, parent: index, ms = Infinity, cause: given }: MakeContext): Cancel {
    const parent = index === null ? background() : this.contexts[index]!
    const cause = given === undefined ? undefined : this.valueOf(given)
    switch (context) {
      case 'signal':
        return this.#makeSignal()
      case 'cancel':
        return withCancel(parent)
      case 'timeout':
        return withTimeout(parent, ms, cause)
      case 'deadline':
        return withDeadline(parent, clock.epochMs + ms, cause)
      case 'value':
        return withValue(parent, KEY, this.contexts.length)
      case 'detached':
        return withoutCancel(parent instanceof AbortController ? background() : (parent as Context))
    }
  }

  #end(ctx: Cancel, cause: number | undefined): void {
    const value = cause === undefined ? undefined : this.valueOf(cause)
    if (ctx instanceof AbortController) ctx.abort(value)
    else (ctx as Partial<CancelContext>).cancel?.(value)
  }

  #follow(index: number): void {
    this.followed.set(index, this.contexts[index]!.signal)
  }

  #afterFunc(op: number, ctx: Cancel): void {
    this.#stops.set(
      op,
      afterFunc(ctx, () => void this.#completed.push({ op, ran: true })),
    )
  }

  #completionOf(operation: Operate, result: unknown): Completion {
    const { op, cases } = operation
    if (result === DEFAULT) return { op, default: true }
    // A plain send resolves to nothing, a plain receive has no case: there it is the only one.
    const {
      case: label = 0,
      ok,
      ...rest
    } = (result ?? {}) as {
      case?: number | string
      ok?: boolean
      value?: unknown
    }
    const index = caseOf(this, operation, label)
    if (ok === undefined) return { op, case: index, ...('value' in rest ? { value: -1 } : {}) }
    if (!ok) return { op, case: index, ok, ...(rest.value === undefined ? {} : { value: -1 }) }
    const given = cases[index]
    if (given !== undefined && 'timer' in given) {
      return { op, case: index, ok, at: (rest.value as number) - this.began }
    }
    return { op, case: index, ok, value: this.values.numberOf(rest.value) }
  }

  #failureOf(op: number, error: unknown, cancel?: Cancel): Completion {
    if (error instanceof ClosedChannelError) {
      return { op, error: 'closed', value: this.values.numberOf(error.value) }
    }
    if (cancel !== undefined && isReasonOf(cancel, error)) return { op, error: 'canceled' }
    return { op, error: 'failed', value: this.values.numberOf(error) }
  }
}

/** A context says it in `err`, a foreign signal in its reason. Reading `err` is a look, so not for every error. */
function isReasonOf(cancel: Cancel, error: unknown): boolean {
  if (cancel instanceof AbortController)
    return cancel.signal.aborted && Object.is(error, cancel.signal.reason)
  const isOurs = error instanceof CanceledError || error instanceof DeadlineExceededError
  return isOurs && error === (cancel as Context).err
}
