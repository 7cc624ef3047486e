import { create, setData, setText } from '../dom.ts'
import type { Branch } from '../model/branch.ts'
import type { PartView } from './part-view.ts'

/** A context: whether it lives, what ended it, how long it has, and a button that cancels it. */
export class BranchView implements PartView {
  readonly part: Branch
  readonly element: HTMLElement
  readonly spots: readonly Element[] = []
  readonly #status = create('span', { class: 'status' })
  readonly #deadline = create('span', { class: 'deadline', 'aria-hidden': 'true' })
  readonly #beats = create('span', { class: 'beats' })
  readonly #cancel: HTMLButtonElement

  constructor(branch: Branch) {
    this.part = branch
    this.#cancel = create(
      'button',
      { type: 'button', class: 'small', 'aria-label': `Cancel ${branch.label}` },
      'Cancel',
    )
    this.#cancel.addEventListener('click', () => branch.ctx.cancel())
    this.element = create(
      'div',
      { class: 'part branch', 'data-part': branch.id },
      create('span', { class: 'words' }, create('b', {}, branch.label), this.#status),
      this.#cancel,
      ...(branch.task === undefined ? [] : [this.#beats]),
      this.#deadline,
    )
  }

  update(): void {
    const { ctx, task, since } = this.part
    setData(this.element, 'state', ctx.err === undefined ? 'live' : 'ended')
    this.#cancel.disabled = ctx.err !== undefined
    const left = ctx.deadline === undefined ? undefined : ctx.deadline - Date.now()
    setText(
      this.#status,
      ctx.err?.name ?? (left === undefined ? 'live' : `${(Math.max(0, left) / 1_000).toFixed(1)} s left`),
    )
    const share = left === undefined || ctx.err !== undefined ? 0 : left / (ctx.deadline! - since)
    this.#deadline.style.scale = `${Math.max(0, share).toFixed(3)} 1`
    if (task !== undefined) {
      const beats = task.tallies.get('beats') ?? 0
      setText(
        this.#beats,
        task.ended === undefined ? `its task runs: ${beats} beats` : `its task ended after ${beats} beats`,
      )
    }
  }
}
