import type { Machine } from './snapshot.ts'

/** Stands for what is worth watching: machines whose load wanders. */
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
      machine.drift = 0.9 * machine.drift + 4 * (Math.random() - 0.5)
      machine.cpu = Math.min(100, Math.max(2, machine.cpu + machine.drift))
      if (machine.cpu === 100 || machine.cpu === 2) machine.drift = 0
      const { name, cpu } = machine
      return { name, cpu: Math.round(cpu), requestsPerSecond: Math.round(cpu * (18 + 4 * Math.random())) }
    })
  }
}
