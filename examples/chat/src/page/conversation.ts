import type { Line, Note } from '../protocol.ts'
import { avatar, create } from './dom.ts'
import { BURST_CHARACTERS } from './outbox.ts'

/** A page that is open for a week must not grow: older rows are removed. */
const MAX_ROWS = 500
/** After such a pause a line shows its author and time again. */
const SAME_GROUP_MS = 5 * 60_000
/** A reader who is this near the end wants to see what comes. */
const NEAR_END_PX = 60

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const size = `${BURST_CHARACTERS / 1024} KiB`

/** The row at the end of the list, if a burst line may extend it. */
interface Run {
  readonly row: HTMLElement
  readonly text: HTMLElement
  readonly session: string
  readonly first: number
  last: number
}

/**
 * The rows of the conversation: what the room said, in its order, and below it the lines of this page that the
 * room has not said yet.
 *
 * A burst is thousands of lines. Lines of one author that follow each other without a gap are one row, which says
 * where it starts and ends; a line that is missing or out of order starts another row, for all to see.
 */
export class Conversation {
  readonly #scroller: HTMLElement
  readonly #rows: HTMLElement
  readonly #pending: HTMLElement
  readonly #latest: HTMLElement
  readonly #session: string
  #author: { session: string; name: string; at: number } | undefined
  #run: Run | undefined
  #isAtEnd = true
  #isScrollDue = false

  constructor(parts: {
    scroller: HTMLElement
    rows: HTMLElement
    pending: HTMLElement
    latest: HTMLElement
    session: string
  }) {
    this.#scroller = parts.scroller
    this.#rows = parts.rows
    this.#pending = parts.pending
    this.#latest = parts.latest
    this.#session = parts.session
    parts.scroller.addEventListener('scroll', () => this.#look(), { passive: true })
    parts.latest.addEventListener('click', () => this.#goToEnd())
    // When the composer grows or the phone's keyboard opens, a reader who was at the end stays there.
    new ResizeObserver(() => this.#scrollSoon()).observe(parts.scroller)
  }

  clear(): void {
    this.#rows.replaceChildren()
    this.#pending.replaceChildren()
    this.#author = undefined
    this.#run = undefined
    this.#goToEnd()
  }

  line(line: Line): void {
    if (line.burst !== undefined && this.#extends(line, line.burst)) return
    const isMine = line.session === this.#session
    const text = create(
      'p',
      { class: 'text' },
      line.burst === undefined ? line.text : `burst #${line.burst} · ${size}`,
    )
    const row = create(
      'li',
      {
        'data-line': '',
        'data-session': line.session,
        'data-counter': line.counter,
        'data-first-counter': line.counter,
        'data-burst': line.burst,
        class: isMine ? 'line mine' : 'line',
        title: calendar.format(line.at),
      },
      ...this.#heading(line),
      text,
    )
    const { session, burst } = line
    this.#run = burst === undefined ? undefined : { row, text, session, first: burst, last: burst }
    this.#author = line
    this.#append(row)
  }

  note({ name, note, at }: Note): void {
    this.#remark(`${name} ${note === 'joined' ? 'came in' : 'left'}`, at)
  }

  missed(lines: number): void {
    this.#remark(`${lines} ${lines === 1 ? 'line was' : 'lines were'} said while you were away`)
  }

  pending(counter: number, text: string): void {
    this.#pending.append(
      create(
        'li',
        {
          'data-line': '',
          'data-pending': '',
          'data-session': this.#session,
          'data-counter': counter,
          class: 'line mine',
        },
        create('p', { class: 'text' }, text),
        create('span', { class: 'state' }, 'Sending'),
      ),
    )
    // Whoever writes wants to see it, wherever they were reading.
    this.#goToEnd()
  }

  confirmed(counter: number): void {
    for (;;) {
      const first = this.#pending.firstElementChild
      if (!first || Number(first.getAttribute('data-counter')) > counter) return
      first.remove()
    }
  }

  #extends(line: Line, burst: number): boolean {
    const run = this.#run
    if (!run || run.session !== line.session || run.last + 1 !== burst) return false
    run.last = burst
    run.row.setAttribute('data-counter', String(line.counter))
    const count = run.last - run.first + 1
    run.text.textContent = `burst #${run.first} – #${run.last} · ${count.toLocaleString('en')} × ${size}`
    return true
  }

  /** Who and when, unless the row above already says it. */
  #heading({ name, session, at }: Line): Node[] {
    const above = this.#author
    if (above?.session === session && above.name === name && at - above.at < SAME_GROUP_MS) return []
    return [
      avatar(name),
      create(
        'div',
        { class: 'heading' },
        create('strong', {}, name),
        create('time', { datetime: new Date(at).toISOString() }, clock.format(at)),
      ),
    ]
  }

  #remark(text: string, at?: number): void {
    this.#author = undefined
    this.#run = undefined
    const time = at === undefined ? [] : [create('time', {}, clock.format(at))]
    this.#append(create('li', { class: 'remark' }, create('span', {}, text), ...time))
  }

  #append(row: HTMLElement): void {
    this.#rows.append(row)
    if (this.#rows.childElementCount > MAX_ROWS) this.#rows.firstElementChild!.remove()
    if (this.#isAtEnd) this.#scrollSoon()
    else this.#latest.hidden = false
  }

  #look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
    if (this.#isAtEnd) this.#latest.hidden = true
  }

  #goToEnd(): void {
    this.#isAtEnd = true
    this.#latest.hidden = true
    this.#scrollSoon()
  }

  /** Once for all rows of a frame: asking for the height makes the browser lay out the page. */
  #scrollSoon(): void {
    if (this.#isScrollDue || !this.#isAtEnd) return
    this.#isScrollDue = true
    requestAnimationFrame(() => {
      this.#isScrollDue = false
      if (this.#isAtEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight
    })
  }
}
