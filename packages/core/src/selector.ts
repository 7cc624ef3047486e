import type { ReceiveChannel } from './channel.ts'
import { CanceledError, describe } from './errors.ts'
import { WOULD_WAIT } from './internal/end.ts'
import { type Cancel, cancellationOf } from './internal/foreign.ts'
import type { CaseList } from './internal/choice.ts'
import { PreparedChoice } from './internal/prepared.ts'
import { runtime } from './internal/runtime.ts'
import {
  type IndexOf,
  type SelectCase,
  type CasesOf,
  type Selected,
  type SendCase,
  addCase,
  addLabelled,
} from './select.ts'

/** A select that is prepared once for many rounds. `using` disposes of it. */
export interface Selector<in out Cases extends CasesOf<Cases>> extends Disposable {
  /**
   * Runs one round: does what `select` does, over the cases as they are now. Rounds are run one at a time.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and no case happened. A cancel that has
   *   already fired wins over ready cases; a context's `done` as a case has no such priority.
   * Fairness: one of the cases that are ready is chosen at random, all equally likely; a round that waits has its
   *   place in line from when it was called.
   * Source: Go spec, "Select statements".
   *
   * @throws TypeError while another round is under way, and after disposal
   */
  select(cancel?: Cancel): Promise<Selected<Cases>>
  /**
   * Runs one round without waiting, as with Go's `default`: `undefined` where no case is ready.
   *
   * @throws the error of the chosen case
   * @throws TypeError while another round is under way, and after disposal
   */
  trySelect(): Selected<Cases> | undefined
  /**
   * Sets one of the cases for the rounds to come: another value to send, another channel of the same type, or
   * false, null or undefined to switch it off. A send case stays as it is until it is set again: what it sends
   * is sent in each round that chooses it.
   *
   * @throws TypeError for what is not a case or not a label, while a round is under way, and after disposal
   */
  set<Label extends LabelOf<Cases>>(label: Label, given: CaseOf<Cases, Label>): void
  /** Leaves all channels. A round that waits rejects with a `CanceledError`. */
  [Symbol.dispose](): void
}

/** What names a case: its label, or its index. */
type LabelOf<Cases extends CasesOf<Cases>> = Cases extends readonly SelectCase[]
  ? number extends Cases['length']
    ? number
    : IndexOf<Exclude<keyof Cases, keyof (readonly SelectCase[])>>
  : keyof Cases

/** What a case can be set to: of the kind that it was made as, or off. */
type CaseOf<Cases extends CasesOf<Cases>, Label> =
  | (Label extends keyof Cases ? OfKind<Cases[Label]> : never)
  | false
  | null
  | undefined

type OfKind<Case> =
  Case extends SendCase<infer T>
    ? SendCase<T>
    : Case extends ReceiveChannel<infer T>
      ? ReceiveChannel<T>
      : never

/**
 * Prepares a select for many rounds, in a loop: what a round costs depends on the cases that are ready, not on how
 * many there are, and it allocates nothing but its result. The cases are those of `select`. The channels refer
 * to it until it is disposed of.
 *
 * Source: Go spec, "Select statements".
 *
 * @throws TypeError for what is not a case, such as a promise
 * @example
 * import { channel, sendCase } from 'chansel'
 * import { selector } from 'chansel/selector'
 *
 * const inbox = channel<string>()
 * const outbox = channel<string>(1)
 * const queue = ['hello']
 * using events = selector({ message: inbox, sent: sendCase(outbox, queue[0]!) })
 * for (let round = 0; round < 2; round++) {
 *   events.set('sent', queue.length > 0 && sendCase(outbox, queue[0]!))
 *   const event = events.trySelect()
 *   if (event?.case === 'sent') queue.shift()
 * }
 * outbox.tryReceive() // => { value: 'hello', ok: true }
 */
export function selector<const Cases extends CasesOf<Cases>>(cases: Cases): Selector<Cases> {
  return new PreparedSelector(cases)
}

class PreparedSelector<Cases extends CasesOf<Cases>> implements Selector<Cases> {
  readonly #isArray: boolean
  readonly #choice: PreparedChoice = new PreparedChoice()

  constructor(cases: Cases) {
    this.#isArray = Array.isArray(cases)
    // First all of them: one that is wrong throws, and then no channel must know of this selector.
    const read: Parameters<CaseList['add']>[] = []
    const list: CaseList = { add: (...one) => void read.push(one) }
    if (Array.isArray(cases)) for (const [i, given] of cases.entries()) addCase(list, cases, i, given)
    else addLabelled(list, cases as { readonly [label: string]: SelectCase })
    for (const one of read) this.#choice.add(...one)
  }

  select(cancel?: Cancel): Promise<Selected<Cases>>
  select(cancel?: Cancel): Promise<unknown> {
    const cancellation = cancel === undefined ? null : cancellationOf(cancel)
    const choice = this.#idle('select')
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    try {
      const outcome = choice.perform()
      return outcome === WOULD_WAIT ? choice.wait(cancellation) : runtime.succeeded(outcome)
    } catch (error) {
      return runtime.failed(error)
    }
  }

  trySelect(): Selected<Cases> | undefined
  trySelect(): unknown {
    const choice = this.#idle('select')
    const outcome = choice.perform()
    if (outcome !== WOULD_WAIT) return outcome
    choice.ask()
    return undefined
  }

  set(label: PropertyKey, given: SelectCase): void {
    const choice = this.#idle('set case', label)
    const key = this.#isArray || typeof label !== 'number' ? label : String(label)
    if (typeof key === 'symbol' || !choice.has(key)) {
      throw new TypeError(`Cannot set case ${describe(label)}: the selector was made without it`)
    }
    // All that `addCase` would learn from the cases is how to word an error; an array makes it name the case.
    addCase(choice, [], key, given)
  }

  [Symbol.dispose](): void {
    if (!this.#choice.isOver) this.#choice.dispose(new CanceledError())
  }

  #idle(verb: string, label?: PropertyKey): PreparedChoice {
    const choice = this.#choice
    // The text is made only here: describing the label takes longer than setting the case.
    if (choice.isOver || choice.isUnderWay) {
      const what = label === undefined ? verb : `${verb} ${describe(label)}`
      const why = choice.isOver ? 'the selector is disposed of' : 'a select of the selector is under way'
      throw new TypeError(`Cannot ${what}: ${why}`)
    }
    return choice
  }
}
