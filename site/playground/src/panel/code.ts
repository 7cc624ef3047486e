import { create, setText } from '../dom.ts'
import type { Waits } from '../waits.ts'
import { highlighted } from './highlight.ts'

/** The source of the program, and beside each line in which tasks wait, how many. */
export class CodePanel {
  readonly element: HTMLElement
  readonly #lines: readonly {
    readonly waits: string
    readonly element: HTMLElement
    readonly badge: HTMLElement
  }[]

  constructor(source: string) {
    const lines = source
      .trimEnd()
      .split('\n')
      .map((text) => ({ text, waits: waitIn(text) }))
    this.#lines = lines.map(({ text, waits }) => {
      const badge = create('span', { class: 'badge' })
      const element = create('span', { class: 'line' }, ...highlighted(text), badge, '\n')
      // Two lines that wait for things with the same name cannot be told apart.
      const isOnly = lines.filter((other) => other.waits === waits).length === 1
      return { waits: isOnly ? waits : '', element, badge }
    })
    this.element = create(
      'pre',
      { tabindex: 0, 'aria-label': 'The program' },
      create('code', {}, ...this.#lines.map(({ element }) => element)),
    )
  }

  update(all: readonly Waits[]): void {
    for (const { waits, element, badge } of this.#lines) {
      if (waits === '') continue
      const count = all
        .filter(({ operation, channel }) => waits === operation || waits === `${operation} ${channel}`)
        .reduce((sum, wait) => sum + wait.count, 0)
      element.classList.toggle('waiting', count > 0)
      setText(badge, count === 0 ? '' : `${count} ${count === 1 ? 'waits' : 'wait'}`)
    }
  }
}

/** What a task waits for in this line, as a report has it: `send jobs`, `select`, `sleep`; `''` if nothing. */
function waitIn(line: string): string {
  const [, channel, operation] =
    /await (?:\w+\.)*(\w+)\.(send|receive)\(/.exec(line.replace(/const .* = /, '')) ?? []
  if (channel !== undefined) return `${operation} ${channel}`
  const [, range] = /for await \(.* of (?:\w+\.)*(\w+)\)/.exec(line) ?? []
  if (range !== undefined) return `receive ${range}`
  return /await (select|sleep)\(/.exec(line)?.[1] ?? ''
}
