import type { Machine } from './snapshot.ts'

/** Stands in for something worth watching: machines whose load wanders. */
export class Fleet {
  readonly #machines: { name: string; cpu: number; drift: number }[]

  constructor(size: number) {
    this.#machines = Array.from({ length: size }, (_, i) => ({
      name: `node-${String(i + 1).padStart(2, '0')}`,
      cpu: 20 + 50 * Math.random(),
      drift: 0,
    }))
  }

  measure(): Machine[] {
    return this.#machines.map((machine) => {
      // Like a weight on a spring that somebody shakes: it wanders, and comes back.
      machine.drift = 0.9 * machine.drift + 3 * (Math.random() - 0.5) + 0.01 * (45 - machine.cpu)
      machine.cpu = Math.min(100, Math.max(1, machine.cpu + machine.drift))
      const { name, cpu } = machine
      return { name, cpu: Math.round(cpu), requestsPerSecond: Math.round(cpu * (18 + 4 * Math.random())) }
    })
  }
}
