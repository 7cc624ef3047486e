import { draw } from '../dom.ts'
import { Tube } from '../model/tube.ts'
import type { Part } from '../model/part.ts'
import type { Value } from '../model/value.ts'
import type { Geometry, Point } from './geometry.ts'

/** However long the way, it takes about this long, in ms: a picture must not fall behind what it shows. */
const TRAVEL_MS = 160
/** In pixels per ms. */
const SLOWEST = 0.3
const FADE_MS = 450

/** The picture of a value: a disc with its number, which goes along the wires to where the value is. */
export class Token {
  readonly element: SVGGElement
  readonly #value: Value
  readonly #geometry: Geometry
  #part: Part
  #at: Point | undefined
  /** What it has to pass on its way. */
  #way: Point[] = []
  #fadedMs = 0

  constructor(value: Value, geometry: Geometry) {
    this.#value = value
    this.#geometry = geometry
    this.#part = value.part
    this.element = draw(
      'g',
      { class: `token hue-${value.hue}`, 'data-value': value.number },
      draw('circle', { r: 11 }),
      draw('text', { dy: '0.35em', class: value.number > 99 ? 'long' : undefined }, String(value.number)),
    )
  }

  /** Whether it has left the picture. */
  get isGone(): boolean {
    return this.#fadedMs >= FADE_MS
  }

  /**
   * @param ms that went by on the wall clock, whatever the page's own does
   * @param isStill whether it is to be where it goes at once
   */
  update(ms: number, isStill: boolean): void {
    this.#lookAhead()
    const target = this.#geometry.placeOf(this.#value) ?? this.#at
    if (target === undefined) return
    if (isStill || this.#at === undefined) {
      this.#way = []
      this.#at = target
    } else {
      this.#move(target, ms)
    }
    const { end } = this.#value
    if (end === undefined) {
      this.#fadedMs = 0
      delete this.element.dataset['end']
    } else if (this.#way.length === 0) {
      this.#fadedMs += isStill ? FADE_MS : ms
      this.element.dataset['end'] = end
    }
    const faded = Math.min(1, this.#fadedMs / FADE_MS)
    const fall = end === 'dropped' && !isStill ? 60 * faded * faded : 0
    this.element.setAttribute(
      'transform',
      `translate(${this.#at.x.toFixed(1)} ${(this.#at.y + fall).toFixed(1)})`,
    )
    this.element.style.opacity = String(1 - faded)
  }

  #lookAhead(): void {
    const { part, trail } = this.#value
    const through = trail.splice(0)
    if (part === this.#part) return
    const geometry = this.#geometry
    const points = [
      this.#part instanceof Tube ? geometry.exit(this.#part) : undefined,
      ...through.flatMap((tube) => [geometry.entry(tube), geometry.exit(tube)]),
      part instanceof Tube ? geometry.entry(part) : undefined,
    ]
    this.#way.push(...points.filter((point) => point !== undefined))
    this.#part = part
  }

  #move(target: Point, ms: number): void {
    const way = [...this.#way, target]
    let left = 0
    for (let i = 0, from = this.#at!; i < way.length; from = way[i++]!) left += distance(from, way[i]!)
    let step = Math.max(left / TRAVEL_MS, SLOWEST) * ms
    while (way.length > 0) {
      const next = way[0]!
      const far = distance(this.#at!, next)
      if (far > step) {
        const part = step / far
        this.#at = {
          x: this.#at!.x + (next.x - this.#at!.x) * part,
          y: this.#at!.y + (next.y - this.#at!.y) * part,
        }
        break
      }
      step -= far
      this.#at = next
      way.shift()
    }
    this.#way = way.slice(0, -1)
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
