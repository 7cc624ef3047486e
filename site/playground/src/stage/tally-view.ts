import { create, setText } from '../dom.ts'

/** A bar for each thing that a task does, as long as its share. */
export class TallyView {
  readonly element = create('span', { class: 'tallies' })
  readonly #tallies: ReadonlyMap<string, number>
  readonly #rows = new Map<string, { readonly bar: HTMLElement; readonly count: HTMLElement }>()

  constructor(tallies: ReadonlyMap<string, number>) {
    this.#tallies = tallies
  }

  update(): void {
    const total = [...this.#tallies.values()].reduce((sum, count) => sum + count, 0)
    for (const [what, count] of this.#tallies) {
      const row = this.#rows.get(what) ?? this.#add(what)
      const share = total === 0 ? 0 : count / total
      row.bar.style.scale = `${share.toFixed(3)} 1`
      setText(row.count, `${count} · ${Math.round(100 * share)} %`)
    }
  }

  #add(what: string) {
    const row = { bar: create('i', { 'aria-hidden': 'true' }), count: create('span') }
    const hue = `tally hue-${this.#rows.size + 1}`
    this.element.append(
      create('span', { class: hue, 'data-tally': what }, create('span', {}, what), row.count, row.bar),
    )
    this.#rows.set(what, row)
    return row
  }
}
