import { create, draw } from '../dom.ts'
import { Branch } from '../model/branch.ts'
import type { Part } from '../model/part.ts'
import { Task } from '../model/task.ts'
import { Tube } from '../model/tube.ts'
import type { Value } from '../model/value.ts'
import type { Play } from '../scene.ts'
import { BranchView } from './branch-view.ts'
import { Geometry } from './geometry.ts'
import type { PartView } from './part-view.ts'
import { TaskView } from './task-view.ts'
import { Token } from './token.ts'
import { TubeView } from './tube-view.ts'

const stillness = matchMedia('(prefers-reduced-motion: reduce)')

/**
 * The picture of a program: its parts in columns, wires between them, and its values on their way.
 *
 * Invariant: after `draw` there is one view for each part of the play, and one token for each of its values that is shown.
 */
export class Stage {
  readonly #root: HTMLElement
  readonly #play: Play
  readonly #columns = create('div', { class: 'columns' })
  readonly #wire = draw('path')
  /** Below the parts. */
  readonly #wires = draw('svg', { class: 'overlay wires', 'aria-hidden': 'true' }, this.#wire)
  /** Above them. */
  readonly #tokens = draw('svg', { class: 'overlay tokens', 'aria-hidden': 'true' })
  readonly #views = new Map<Part, PartView>()
  readonly #shown = new Map<Value, Token>()
  readonly #geometry = new Geometry(this.#columns, this.#views)
  readonly #resized = new ResizeObserver(() => this.#arrange())
  #parts = ''

  constructor(root: HTMLElement, play: Play) {
    this.#root = root
    this.#play = play
    this.#root.replaceChildren(this.#columns)
    this.#resized.observe(this.#root)
  }

  /** @param ms since the last time, on the wall clock */
  draw(ms: number): void {
    const isOther = this.#showParts()
    for (const view of this.#views.values()) view.update()
    if (isOther || (!this.#geometry.isVertical && this.#isTooWide)) this.#arrange()
    this.#geometry.measure()
    this.#showWires()
    this.#showValues(ms)
  }

  leave(): void {
    this.#resized.disconnect()
  }

  /** Says whether there are others than before. */
  #showParts(): boolean {
    const { columns } = this.#play
    const parts = columns.map((column) => column.map(({ id }) => id).join()).join(';')
    if (parts === this.#parts) return false
    this.#parts = parts
    const all = new Set(columns.flat())
    for (const part of this.#views.keys()) if (!all.has(part)) this.#views.delete(part)
    for (const part of all) if (!this.#views.has(part)) this.#views.set(part, viewOf(part))
    const elements = columns.map((column) =>
      create('div', { class: 'column' }, ...column.map((part) => this.#views.get(part)!.element)),
    )
    this.#columns.replaceChildren(this.#wires, ...elements, this.#tokens)
    this.#columns.classList.toggle('compact', columns.length > 3)
    return true
  }

  /** Side by side if there is room for it, else one below the other. */
  #arrange(): void {
    this.#columns.classList.remove('vertical')
    this.#geometry.isVertical = this.#isTooWide
    this.#columns.classList.toggle('vertical', this.#geometry.isVertical)
  }

  get #isTooWide(): boolean {
    return this.#columns.scrollWidth > this.#root.clientWidth
  }

  #showWires(): void {
    const wires = this.#play.wires.flatMap(([from, to]) => {
      const [start, end] = [this.#geometry.exit(from), this.#geometry.entry(to)]
      return start === undefined || end === undefined ? [] : [`M${start.x} ${start.y}L${end.x} ${end.y}`]
    })
    const path = wires.join('')
    if (this.#wire.getAttribute('d') !== path) this.#wire.setAttribute('d', path)
  }

  #showValues(ms: number): void {
    const { shown } = this.#play.values
    for (const value of shown) {
      let token = this.#shown.get(value)
      if (token === undefined) {
        token = new Token(value, this.#geometry)
        this.#shown.set(value, token)
        this.#tokens.append(token.element)
      }
      token.update(ms, stillness.matches)
      if (!token.isGone) continue
      token.element.remove()
      this.#shown.delete(value)
      shown.delete(value)
    }
  }
}

function viewOf(part: Part): PartView {
  if (part instanceof Tube) return new TubeView(part)
  if (part instanceof Task) return new TaskView(part)
  if (part instanceof Branch) return new BranchView(part)
  throw new TypeError(`Cannot draw ${part.label}: there is no view of it`)
}
