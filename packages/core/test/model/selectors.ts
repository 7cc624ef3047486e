import { type Cancel, type SelectCase } from 'chansel'
import { type Selector, selector } from 'chansel/selector'
import type { Case, Operate } from './state.ts'

type Labelled = { readonly [label: string]: SelectCase }

/** Performs the selects of a program by prepared selects, each of them for as many as possible, one after the other. */
export class Selectors {
  readonly #idle: Rounds[] = []
  readonly #all = new Set<Rounds>()
  /** The labels of the cases of each operation, in their order. */
  readonly #labels = new Map<number, readonly string[]>()

  wait({ op, cases }: Operate, given: readonly SelectCase[], cancel: Cancel): Promise<unknown> {
    const rounds = this.#prepare(op, cases, given)
    const told = rounds.selector.select(cancel)
    const giveBack = () => void this.#idle.push(rounds)
    told.then(giveBack, giveBack)
    return told
  }

  attempt({ op, cases }: Operate, given: readonly SelectCase[]): unknown {
    const rounds = this.#prepare(op, cases, given)
    this.#idle.push(rounds)
    return rounds.selector.trySelect()
  }

  /** Which case of the operation a label names; `undefined` for an operation that was none of these. */
  caseOf(op: number, label: number | string): number | undefined {
    return this.#labels.get(op)?.indexOf(String(label))
  }

  end(): void {
    for (const { selector } of this.#all) selector[Symbol.dispose]()
  }

  #prepare(op: number, cases: readonly Case[], given: readonly SelectCase[]): Rounds {
    const labels = labelsOf(cases)
    this.#labels.set(op, labels)
    const wanted: Labelled = Object.fromEntries(labels.map((label, i) => [label, given[i]]))
    // Sometimes the one that was used last, and sometimes the one that has rested longest.
    const idle = op % 3 === 0 ? this.#idle.shift() : this.#idle.pop()
    if (idle?.has(labels)) {
      idle.set(wanted)
      return idle
    }
    if (idle !== undefined) this.#all.delete(idle)
    const rounds = new Rounds(wanted, idle)
    this.#all.add(rounds)
    return rounds
  }
}

/** A selector, with the labels that it has a case for. */
class Rounds {
  readonly selector: Selector<Labelled>
  readonly labels: ReadonlySet<string>
  #on: readonly string[]

  /** In place of an earlier one, whose labels it has, too. */
  constructor(cases: Labelled, earlier?: Rounds) {
    earlier?.selector[Symbol.dispose]()
    const off = Object.fromEntries([...(earlier?.labels ?? [])].map((label) => [label, null]))
    this.labels = new Set([...Object.keys(off), ...Object.keys(cases)])
    this.#on = Object.keys(cases)
    this.selector = selector<Labelled>({ ...off, ...cases })
  }

  has(labels: readonly string[]): boolean {
    return labels.every((label) => this.labels.has(label))
  }

  set(cases: Labelled): void {
    for (const label of this.#on) if (!(label in cases)) this.selector.set(label, null)
    for (const [label, given] of Object.entries(cases)) this.selector.set(label, given as never)
    this.#on = Object.keys(cases)
  }
}

/** A label for what a case is about, so that the same case of another operation has the same. */
function labelsOf(cases: readonly Case[]): string[] {
  const subjects = cases.map(({ ...given }) => JSON.stringify({ ...given, value: undefined }))
  return subjects.map(
    (subject, i) => `${subject} ${subjects.slice(0, i).filter((s) => s === subject).length}`,
  )
}
