import type { Machine } from '../snapshot.ts'

const POINTS = 60
const SVG = 'http://www.w3.org/2000/svg'

/** One machine on the page: its load as a number, and as a curve over the last snapshots. */
export class Tile {
  readonly element = document.createElement('article')
  readonly #cpu = document.createElement('span')
  readonly #requests = document.createElement('small')
  readonly #line = document.createElementNS(SVG, 'polyline')
  readonly #history: number[] = []

  constructor(name: string) {
    const head = document.createElement('p')
    const label = document.createElement('span')
    label.textContent = name
    head.append(label, this.#cpu)
    const plot = document.createElementNS(SVG, 'svg')
    plot.setAttribute('viewBox', `0 -4 ${POINTS - 1} 108`)
    plot.setAttribute('preserveAspectRatio', 'none')
    plot.setAttribute('aria-hidden', 'true')
    plot.append(this.#line)
    this.element.append(head, plot, this.#requests)
  }

  show({ cpu, requestsPerSecond }: Machine): void {
    this.#history.push(cpu)
    if (this.#history.length > POINTS) this.#history.shift()
    const first = POINTS - this.#history.length
    this.#line.setAttribute('points', this.#history.map((load, i) => `${first + i},${100 - load}`).join(' '))
    this.#cpu.textContent = `${cpu} %`
    this.#requests.textContent = `${requestsPerSecond.toLocaleString()} requests/s`
    this.element.dataset['load'] = cpu > 90 ? 'hot' : cpu > 70 ? 'busy' : 'calm'
  }
}
