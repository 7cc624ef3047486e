import { create, setText } from '../dom.ts'
import type { Waits } from '../waits.ts'

/** The table of who waits where: what `snapshot()` of `chansel/testing` says, the same waits in one row. */
export class WaitingPanel {
  readonly #body: HTMLTableSectionElement
  #shown = ''

  constructor(body: HTMLTableSectionElement) {
    this.#body = body
  }

  update(waits: readonly Waits[]): void {
    const sorted = waits.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
    const shown = sorted.map(keyOf).join('\n')
    if (shown !== this.#shown) {
      this.#shown = shown
      const rows = sorted.map(({ operation, channel }) =>
        create(
          'tr',
          {},
          create('td', {}, create('b', {}, operation), ` ${channel}`),
          create('td'),
          create('td'),
        ),
      )
      const none = create('tr', {}, create('td', { colspan: 3 }, 'Nobody waits'))
      this.#body.replaceChildren(...(rows.length > 0 ? rows : [none]))
    }
    sorted.forEach(({ count, sinceMs }, row) => {
      const [, counted, since] = this.#body.rows[row]!.cells
      setText(counted!, String(count))
      setText(since!, `${(sinceMs / 1_000).toFixed(1)} s`)
    })
  }
}

function keyOf({ operation, channel }: Waits): string {
  return `${operation} ${channel}`
}
