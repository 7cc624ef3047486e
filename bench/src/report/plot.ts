import type { Suite, TimedLoad } from '../suites/suite.ts'
import { digits } from './format.ts'
import { presentationOf } from './presentation.ts'
import { type Cell, ResultFigures, type Results } from './results.ts'

// As wide as GitHub shows a README, so that nothing is scaled.
const WIDTH = 880
const MARGIN = 16
const COLUMNS = 2
const PANEL = (WIDTH - MARGIN * (COLUMNS + 1)) / COLUMNS
const NAMES = 140
const VALUES = 52
const BAR = 15
const TITLE = 40
const AXIS = 26
/** A panel with fewer bars says nothing. */
const FEWEST = 4

const COLORS = { subject: '#0b6bcb', rival: '#00859b', control: '#8c959f', other: '#c98a3d' }

/** A panel for each load, a bar for each library: how many times the floor, on a logarithmic scale. */
export function plot(suite: Suite, results: Results): string {
  const figures = new ResultFigures(results)
  const panels = suite.loads
    .filter((load) => load.kind === 'timed')
    .filter((load) => load.only === undefined && figures.librariesOn(load.group, load.name).length >= FEWEST)
    .map((load) => new Panel(suite, results, load))
  const widest = Math.max(10, ...panels.flatMap((panel) => panel.bars.map(({ value }) => value ?? 0)))
  const narrowest = Math.min(1, ...panels.flatMap((panel) => panel.bars.map(({ value }) => value ?? 1)))
  const scale = new LogScale(NAMES, PANEL - VALUES, 10 ** Math.floor(Math.log10(narrowest)), widest)
  const parts: string[] = []
  let top = 84
  for (let i = 0; i < panels.length; i += COLUMNS) {
    const row = panels.slice(i, i + COLUMNS)
    row.forEach((panel, column) => {
      const left = MARGIN + column * (PANEL + MARGIN)
      parts.push(`<g transform="translate(${left} ${top})">${panel.draw(scale)}</g>`)
    })
    top += Math.max(...row.map((panel) => panel.height)) + MARGIN
  }
  const { machine } = results
  const { title, floor, rival } = presentationOf(suite)
  const rivalTitle = suite.libraries.find(({ id }) => id === rival)?.title ?? rival
  const subjectTitle = suite.libraries.find(({ id }) => id === suite.subject)?.title ?? suite.subject
  const where = `${machine.cpu}, Node ${machine.node}${machine.go === null ? '' : `, Go ${machine.go}`}, ${machine.date}`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="11">
<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>
${text(MARGIN, 26, title, { size: 16, weight: 600 })}
${text(MARGIN, 46, floor, { fill: '#57606a' })}
${text(MARGIN, 62, `Blue: ${subjectTitle}; teal: ${rivalTitle}; grey: controls; ochre: other libraries. ${where}`, { fill: '#57606a' })}
${parts.join('\n')}
</svg>
`
}

interface Bar {
  readonly library: string
  readonly title: string
  readonly value: number | null
  /** Where there is no value. */
  readonly why: string
}

class Panel {
  readonly bars: readonly Bar[]
  readonly height: number
  readonly #load: TimedLoad
  readonly #suite: Suite

  constructor(suite: Suite, results: Results, load: TimedLoad) {
    this.#suite = suite
    this.#load = load
    const figures = new ResultFigures(results)
    this.bars = suite.libraries.flatMap(({ id, title }) => {
      const cell = figures.timed(load.group, { library: id, load: load.name })
      if (cell === undefined || cell.no !== undefined) return []
      const value = figures.ofControl(suite, load, id)?.value ?? null
      return [{ library: id, title, value, why: whyOf(cell) }]
    })
    this.height = TITLE + this.bars.length * BAR + AXIS
  }

  draw(scale: LogScale): string {
    const { name, what, control } = this.#load
    const base = control === undefined ? '' : `; 1 is ${control.library.replace('-', ' ')}`
    const bottom = TITLE + this.bars.length * BAR
    const ticks = scale.ticks().map((tick) => {
      const x = scale.at(tick)
      const color = tick === 1 ? '#57606a' : '#e4e8ec'
      return `<line x1="${x}" y1="${TITLE - 4}" x2="${x}" y2="${bottom + 2}" stroke="${color}"/>${text(x, bottom + 14, `${tick.toLocaleString('en')}×`, { anchor: 'middle', size: 9, fill: '#57606a' })}`
    })
    const bars = this.bars.map((bar, i) => this.#drawBar(bar, TITLE + i * BAR, scale))
    return [
      text(0, 14, name, { size: 13, weight: 600 }),
      text(0, 28, shortened(`${what}${base}`, 78), { size: 10, fill: '#57606a' }),
      ...ticks,
      ...bars,
    ].join('')
  }

  #drawBar({ library, title, value, why }: Bar, y: number, scale: LogScale): string {
    const isSubject = library === this.#suite.subject
    const middle = y + BAR / 2 + 3
    const name = text(NAMES - 8, middle, title, { anchor: 'end', weight: isSubject ? 600 : 400 })
    if (value === null) return name + text(scale.at(1) + 4, middle, why, { size: 10, fill: '#cf222e' })
    const [from, to] = [scale.at(1), scale.at(value)].toSorted((a, b) => a - b) as [number, number]
    const color = this.#colorOf(library)
    const label = Math.max(to, scale.at(1)) + 4
    return `${name}<rect x="${fixed(from)}" y="${y + 2}" width="${fixed(Math.max(1, to - from))}" height="${BAR - 4}" fill="${color}"/>${text(label, middle, `${digits(value)}×`, { size: 10 })}`
  }

  #colorOf(library: string): string {
    const { rival, controls } = presentationOf(this.#suite)
    if (library === this.#suite.subject) return COLORS.subject
    if (library === rival) return COLORS.rival
    return controls.includes(library) ? COLORS.control : COLORS.other
  }
}

class LogScale {
  readonly #left: number
  readonly #width: number
  readonly #low: number
  readonly #high: number

  constructor(left: number, right: number, low: number, high: number) {
    this.#left = left
    this.#width = right - left
    this.#low = Math.log10(low)
    this.#high = Math.log10(high)
  }

  at(value: number): number {
    return fixed(this.#left + (this.#width * (Math.log10(value) - this.#low)) / (this.#high - this.#low))
  }

  ticks(): number[] {
    const ticks: number[] = []
    for (let power = this.#low; power <= this.#high; power++) ticks.push(Number((10 ** power).toPrecision(1)))
    return ticks
  }
}

function whyOf({ failed }: Cell): string {
  if (failed === undefined) return ''
  return failed.startsWith('wrong') ? 'loses values' : shortened(failed, 30)
}

interface Style {
  readonly size?: number
  readonly weight?: number
  readonly fill?: string
  readonly anchor?: 'middle' | 'end'
}

function text(x: number, y: number, content: string, style: Style = {}): string {
  const { size, weight, fill = '#1f2328', anchor } = style
  const attributes = [
    `x="${fixed(x)}" y="${fixed(y)}" fill="${fill}"`,
    size === undefined ? '' : `font-size="${size}"`,
    weight === undefined ? '' : `font-weight="${weight}"`,
    anchor === undefined ? '' : `text-anchor="${anchor}"`,
  ]
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '')
  return `<text ${attributes.filter(Boolean).join(' ')}>${escaped}</text>`
}

function shortened(content: string, length: number): string {
  return content.length <= length ? content : `${content.slice(0, length - 1)}…`
}

function fixed(value: number): number {
  return Number(value.toFixed(1))
}
