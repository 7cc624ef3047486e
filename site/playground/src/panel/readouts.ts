import { create, setText } from '../dom.ts'
import type { Readout } from '../scene.ts'

/** The numbers below the picture. */
export class ReadoutPanel {
  readonly elements: readonly HTMLElement[]
  readonly #outputs: readonly { readonly readout: Readout; readonly output: HTMLElement }[]

  constructor(readouts: readonly Readout[]) {
    this.#outputs = readouts.map((readout) => ({
      readout,
      output: create('dd', { 'data-readout': readout.id }),
    }))
    this.elements = this.#outputs.map(({ readout, output }) =>
      create('div', {}, create('dt', {}, readout.label), output),
    )
  }

  update(): void {
    for (const { readout, output } of this.#outputs) setText(output, String(readout.read()))
  }
}
