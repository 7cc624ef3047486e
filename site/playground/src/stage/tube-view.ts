import { create, setData, setText } from '../dom.ts'
import type { Tube } from '../model/tube.ts'
import { waitersNow } from '../waits.ts'
import type { PartView } from './part-view.ts'

/** A channel: a place for each value that its buffer can hold, filled as far as its `length` says. */
export class TubeView implements PartView {
  readonly part: Tube
  readonly element: HTMLElement
  /** The first is the one that is received next. */
  readonly spots: readonly HTMLElement[]
  readonly #fill = create('span', { class: 'fill' })
  readonly #wait = create('span', { class: 'wait' })
  readonly #waiting = create('span')

  constructor(tube: Tube) {
    this.part = tube
    const isUnbuffered = tube.places === 0
    this.spots = Array.from({ length: Math.max(1, tube.places) }, () =>
      create('i', { class: isUnbuffered ? 'meeting' : 'place' }),
    )
    this.element = create(
      'div',
      { class: 'part tube', 'data-part': tube.id },
      create(
        'span',
        { class: 'words' },
        create('b', {}, ...tube.label.split(/(?=\.)/).flatMap((text) => [create('wbr'), text])),
        this.#fill,
      ),
      create('span', { class: 'places', 'aria-hidden': 'true' }, ...this.spots),
      // A name that several channels share says nothing about this one.
      ...(tube.channel.name === tube.label
        ? [create('span', { class: 'waits' }, this.#wait, this.#waiting)]
        : []),
    )
  }

  update(): void {
    const { channel, places, label } = this.part
    const { length, closed: isClosed = false } = channel
    const isFull = places > 0 && length >= places
    setData(this.element, 'length', length)
    setData(this.element, 'state', isClosed ? 'closed' : isFull ? 'full' : 'open')
    if (places > 0) this.spots.forEach((place, index) => place.classList.toggle('filled', index < length))
    setText(this.#fill, fillOf(length, places, isClosed))
    if (channel.name === label) this.#showWaits(waitersNow('send', label), waitersNow('receive', label))
  }

  #showWaits(senders: number, receivers: number): void {
    setData(this.element, 'senders', senders)
    setData(this.element, 'receivers', receivers)
    const texts = [senders > 0 ? `${senders} to send` : '', receivers > 0 ? `${receivers} to receive` : '']
    const waiting = texts.filter((text) => text !== '').join(', ')
    setText(this.#wait, waiting === '' ? '' : senders + receivers === 1 ? 'waits: ' : 'wait: ')
    setText(this.#waiting, waiting === '' ? 'nobody waits' : waiting)
  }
}

function fillOf(length: number, places: number, isClosed: boolean): string {
  if (isClosed) return length === 0 ? 'closed' : `${length} left, closed`
  return places === 0 ? 'no buffer' : `${length} of ${places}`
}
