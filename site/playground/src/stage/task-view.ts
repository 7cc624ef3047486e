import { create, setData, setText } from '../dom.ts'
import type { Task } from '../model/task.ts'
import type { PartView } from './part-view.ts'
import { TallyView } from './tally-view.ts'

/** A box with what the task does, how far it is with it, and a hand for the value that it has. */
export class TaskView implements PartView {
  readonly part: Task
  readonly element: HTMLElement
  readonly #status = create('span', { class: 'status' })
  readonly #hand = create('span', { class: 'hand', 'aria-hidden': 'true' })
  readonly #progress = create('span', { class: 'progress', 'aria-hidden': 'true' })
  readonly #tallies: TallyView
  readonly spots: readonly Element[] = [this.#hand]

  constructor(task: Task) {
    this.part = task
    this.#tallies = new TallyView(task.tallies)
    this.element = create(
      'div',
      { class: `part task hue-${task.hue}`, 'data-part': task.id },
      create('span', { class: 'words' }, create('b', {}, task.label), this.#status),
      this.#hand,
      this.#progress,
      this.#tallies.element,
    )
  }

  update(): void {
    const { ended, work, value, idle } = this.part
    setData(this.element, 'state', ended !== undefined ? 'ended' : work ? 'works' : 'waits')
    setData(this.element, 'failed', ended === '' ? undefined : ended)
    setData(this.element, 'holds', value?.number)
    setText(this.#status, statusOf(ended, work?.what, value === undefined ? idle : `sends ${value.number}`))
    const done = work === undefined ? 0 : (performance.now() - work.from) / (work.until - work.from)
    this.#progress.style.scale = `${Math.min(1, done).toFixed(3)} 1`
    this.#tallies.update()
  }
}

/** In words, for whoever reads the picture. */
function statusOf(ended: string | undefined, works: string | undefined, waits: string): string {
  if (ended === undefined) return works ?? waits
  return ended === '' ? 'has returned' : ended
}
