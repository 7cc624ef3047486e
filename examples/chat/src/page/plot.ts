const SAMPLES = 60

/**
 * The last sixty samples of a few numbers, a line for each.
 *
 * The scale is logarithmic, because one line next to a thousand is exactly what has to show here. A line takes the
 * colour of its entry in the legend, so colours are only in the style sheet.
 */
export class Plot {
  readonly #canvas: HTMLCanvasElement
  readonly #legend: readonly HTMLElement[]
  readonly #samples: (readonly number[])[] = []

  constructor(canvas: HTMLCanvasElement, legend: readonly HTMLElement[]) {
    this.#canvas = canvas
    this.#legend = legend
    new ResizeObserver(() => this.#draw()).observe(canvas)
  }

  /** One number for each entry of the legend. */
  add(sample: readonly number[]): void {
    this.#samples.push(sample)
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    this.#draw()
  }

  #draw(): void {
    const canvas = this.#canvas
    const pen = canvas.getContext('2d')
    const { clientWidth: width, clientHeight: height } = canvas
    if (!pen || width === 0) return
    canvas.width = width * devicePixelRatio
    canvas.height = height * devicePixelRatio
    pen.scale(devicePixelRatio, devicePixelRatio)

    const highest = Math.max(10, ...this.#samples.flat())
    // The pixels of the value; half a line at either edge, so that the lines at 0 and at the top are whole.
    const y = (value: number) => height - 1 - (Math.log1p(value) / Math.log1p(highest)) * (height - 12)
    const x = (index: number) =>
      width - 2 - ((this.#samples.length - 1 - index) / (SAMPLES - 1)) * (width - 2)

    const style = getComputedStyle(canvas)
    pen.font = `10px ${style.fontFamily}`
    pen.fillStyle = style.color
    pen.strokeStyle = style.color
    pen.lineWidth = 1
    for (let mark = 1; mark <= highest; mark *= 10) {
      pen.globalAlpha = 0.2
      stroke(pen, [0, width], () => Math.round(y(mark)) + 0.5)
      pen.globalAlpha = 0.8
      pen.fillText(mark.toLocaleString('en'), 0, y(mark) - 2)
    }
    pen.globalAlpha = 1
    pen.lineWidth = 1.5
    pen.lineJoin = 'round'
    this.#legend.forEach((entry, series) => {
      pen.strokeStyle = getComputedStyle(entry).color
      const points = this.#samples.map((_, index) => x(index))
      stroke(pen, points, (index) => y(this.#samples[index]?.[series] ?? 0))
    })
  }
}

function stroke(pen: CanvasRenderingContext2D, xs: readonly number[], y: (index: number) => number): void {
  pen.beginPath()
  xs.forEach((x, index) => pen.lineTo(x, y(index)))
  pen.stroke()
}
