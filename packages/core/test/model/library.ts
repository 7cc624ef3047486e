import {
  type Cancel,
  type Channel,
  ClosedChannelError,
  type SelectCase,
  background,
  channel,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
  withCancel,
} from 'chansel'
import { settle } from '../support/pending.ts'
import type { Case, Command, Completion } from './model.ts'

/** A map takes 0 and -0 for the same key. */
const MINUS_ZERO = Symbol('-0')

type Operation = Extract<Command, { op: number }>

/** Runs commands against the library and notes what comes of them. */
export class Library {
  readonly #channels: Channel<unknown>[]
  readonly #values: readonly unknown[]
  readonly #numbers = new Map<unknown, number>()
  readonly #cancels = new Map<number, () => void>()
  #completed: Completion[] = []

  /** @param values what the numbers of the commands stand for */
  constructor(capacities: readonly number[], values: readonly unknown[]) {
    this.#channels = capacities.map((capacity) => channel<unknown>(capacity))
    this.#values = values
    // From the last to the first, so that the first of several counts.
    for (let n = values.length - 1; n >= 0; n--)
      this.#numbers.set(Object.is(values[n], -0) ? MINUS_ZERO : values[n], n)
  }

  get lengths(): number[] {
    return this.#channels.map((ch) => ch.length)
  }

  /** Says whether it threw. */
  run(command: Command): boolean {
    if ('cancel' in command) this.#cancels.get(command.cancel)?.()
    else if ('close' in command) return this.#close(this.#channels[command.close]!, command.error)
    else this.#begin(command)
    return false
  }

  /** What came to an end since the last time. */
  async completed(): Promise<Completion[]> {
    await settle()
    const completed = this.#completed
    this.#completed = []
    return completed
  }

  /** The number that stands for a value, the first where several do; -1 for a value that is none of them. */
  numberOf(value: unknown): number {
    return this.#numbers.get(Object.is(value, -0) ? MINUS_ZERO : value) ?? -1
  }

  #close(ch: Channel<unknown>, error: number | undefined): boolean {
    try {
      ch.close(error === undefined ? undefined : this.#values[error])
      return false
    } catch (thrown) {
      if (!(thrown instanceof ClosedChannelError) || thrown.operation !== 'close') throw thrown
      return true
    }
  }

  #begin(operation: Operation): void {
    const { op } = operation
    if (operation.default) {
      try {
        this.#note(op, this.#try(operation))
      } catch (error) {
        this.#noteError(op, error, undefined)
      }
      return
    }
    const { cancel, fire, reason } = cancelOf(op)
    this.#cancels.set(op, fire)
    if (operation.canceled) fire()
    this.#wait(operation, cancel).then(
      (result) => this.#note(op, result),
      (error: unknown) => this.#noteError(op, error, reason()),
    )
  }

  /** One of the ways to say the same, by the number of the operation. */
  #wait({ op, cases }: Operation, cancel: Cancel): Promise<unknown> {
    const [first] = cases
    const way = op % 5
    if (cases.length > 1 || way === 0) return select(this.#array(cases, op), cancel)
    if (way === 1) return select(this.#object(cases, op), cancel)
    if ('receive' in first!) {
      const from = first.receive === null ? never : this.#channels[first.receive]!
      return way === 2 ? receiveOnly(from).receive(cancel) : from.receive(cancel)
    }
    if (first!.send === null) return select([null], cancel)
    const to = this.#channels[first!.send]!
    const value = this.#values[first!.value]
    return way === 2 ? sendOnly(to).send(value, cancel) : to.send(value, cancel)
  }

  #try({ op, cases }: Operation): unknown {
    const [first] = cases
    const way = op % 4
    if (cases.length > 1 || way === 0) return trySelect(this.#array(cases, op)) ?? 'default'
    if (way === 1) return trySelect(this.#object(cases, op)) ?? 'default'
    if ('receive' in first!) {
      return (first.receive === null ? never : this.#channels[first.receive]!).tryReceive() ?? 'default'
    }
    if (first!.send === null) return 'default'
    return this.#channels[first!.send]!.trySend(this.#values[first!.value]) ? undefined : 'default'
  }

  #array(cases: readonly Case[], op: number): SelectCase[] {
    return cases.map((given, i) => this.#case(given, op + i))
  }

  #object(cases: readonly Case[], op: number): { [label: string]: SelectCase } {
    return Object.fromEntries(cases.map((given, i) => [`case ${i}`, this.#case(given, op + i)]))
  }

  #case(given: Case, way: number): SelectCase {
    const nil = ([null, undefined, false, never] as const)[way % 4]
    if ('receive' in given) {
      if (given.receive === null) return nil
      const from = this.#channels[given.receive]!
      return way % 3 === 0 ? receiveOnly(from) : from
    }
    if (given.send === null) return nil
    const to = this.#channels[given.send]!
    return sendCase(way % 3 === 0 ? sendOnly(to) : to, this.#values[given.value])
  }

  #note(op: number, result: unknown): void {
    if (result === 'default') return void this.#completed.push({ op, default: true })
    // A plain send resolves to nothing, a plain receive has no case: there it is the only one.
    const {
      case: label = 0,
      ok,
      ...rest
    } = (result ?? {}) as { case?: number | string; ok?: boolean; value?: unknown }
    const index = typeof label === 'string' ? Number(label.slice('case '.length)) : label
    if (ok === undefined) this.#completed.push({ op, case: index, ...('value' in rest ? { value: -1 } : {}) })
    else if (ok) this.#completed.push({ op, case: index, ok, value: this.numberOf(rest.value) })
    else this.#completed.push({ op, case: index, ok, ...(rest.value === undefined ? {} : { value: -1 }) })
  }

  #noteError(op: number, error: unknown, reason: unknown): void {
    if (reason !== undefined && error === reason) this.#completed.push({ op, error: 'canceled' })
    else if (error instanceof ClosedChannelError) {
      this.#completed.push({ op, error: 'closed', value: this.numberOf(error.value) })
    } else this.#completed.push({ op, error: 'failed', value: this.numberOf(error) })
  }
}

/** A cancel of its own for each operation, now a context and now a foreign signal. */
function cancelOf(op: number): { cancel: Cancel; fire(): void; reason(): unknown } {
  if (op % 2 === 0) {
    const ctx = withCancel(background())
    return { cancel: ctx, fire: () => ctx.cancel(op), reason: () => ctx.err }
  }
  const controller = new AbortController()
  const reason = { op }
  return { cancel: controller, fire: () => controller.abort(reason), reason: () => reason }
}
