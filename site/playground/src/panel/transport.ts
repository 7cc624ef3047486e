import { clock } from '../clock.ts'
import { find, setText } from '../dom.ts'

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4]

/** Play and pause, step, and speed: what is done to the page's time. */
export class Transport {
  isPaused = false
  readonly #play = find('play', HTMLButtonElement)
  readonly #step = find('step', HTMLButtonElement)
  readonly #speed = find('speed', HTMLInputElement)
  readonly #shownSpeed = find('shown-speed', HTMLOutputElement)

  constructor() {
    this.#play.addEventListener('click', () => this.#pause(!this.isPaused))
    this.#step.addEventListener('click', () => void this.#stepOnce())
    this.#speed.max = String(SPEEDS.length - 1)
    this.#speed.value = String(SPEEDS.indexOf(1))
    this.#speed.addEventListener('input', () => this.#showSpeed())
    this.#showSpeed()
    document.addEventListener('keydown', (event) => this.#pressed(event))
  }

  /** Lets time go by, for a frame that took `ms` on the wall clock. */
  advance(ms: number): void {
    if (!this.isPaused) void clock.advance(ms * SPEEDS[this.#speed.valueAsNumber]!)
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '.') void this.#stepOnce()
    // Where the space bar means something, it keeps its meaning.
    else if (event.key === ' ' && !isWorkedBySpace(event.target)) this.#pause(!this.isPaused)
    else return
    event.preventDefault()
  }

  #pause(isPaused: boolean): void {
    this.isPaused = isPaused
    setText(this.#play.lastElementChild!, isPaused ? 'Play' : 'Pause')
    this.#play.dataset['state'] = isPaused ? 'paused' : 'playing'
  }

  async #stepOnce(): Promise<void> {
    this.#pause(true)
    await clock.step()
  }

  #showSpeed(): void {
    const text = `${SPEEDS[this.#speed.valueAsNumber]!}×`
    setText(this.#shownSpeed, text)
    this.#speed.setAttribute('aria-valuetext', text)
  }
}

function isWorkedBySpace(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, input, pre') !== null
}
