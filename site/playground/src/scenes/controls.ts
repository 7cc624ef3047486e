import type { RangeControl, Settings } from '../scene.ts'

/** The controls that several scenes have. */

export function rate(id: string, label: string, value: number): RangeControl {
  return { kind: 'range', id, label, min: 1, max: 20, value, text: (n) => `${n} a second` }
}

/** The pause between two values at the rate of that control. */
export function pause(settings: Settings, id: string): number {
  return 1_000 / settings.number(id)
}

export function work(value: number, label = 'Work for each value'): RangeControl {
  return { kind: 'range', id: 'work', label, min: 50, max: 2_000, step: 50, value, text: (ms) => `${ms} ms` }
}

export function count(id: string, label: string, value: number, max = 6): RangeControl {
  return { kind: 'range', id, label, min: 0, max, value }
}

export function capacity(value: number, min: number, max = 10): RangeControl {
  return { kind: 'range', id: 'capacity', label: 'Capacity', min, max, value, restarts: true }
}
