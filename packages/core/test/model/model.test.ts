import { describe, expect, test } from 'vitest'
import { expectNothingLeft } from '../support/pending.ts'
import { Random } from '../support/random.ts'
import { type Selects, difference } from './lockstep.ts'
import type { Command } from './state.ts'
import { type TraceStep, channelsOf, firstRefused, readTraces } from './traces.ts'
import { inModelWorld } from './world.ts'

expectNothingLeft()

const SLOW = 60_000
const traces = readTraces()

describe('the model', () => {
  test('accepts what the Go runtime did in 6,000 scenarios', { timeout: SLOW }, () => {
    expect(traces.length).toBe(6_000)
    const refused = traces.findIndex((trace) => firstRefused(trace) >= 0)
    expect(refused, 'the first trace that is refused').toBe(-1)
  })

  test.each<{ name: string; wrong: (step: TraceStep) => TraceStep }>([
    { name: 'a value that was not sent', wrong: (step) => withFirst(step, { value: -5 }) },
    { name: 'a case that does not exist', wrong: (step) => withFirst(step, { case: 99 }) },
    {
      name: 'a length that is off by one',
      wrong: (step) => ({ ...step, lengths: step.lengths.map((n) => n + 1) }),
    },
    {
      name: 'an operation that did not end',
      wrong: (step) => ({ ...step, completed: step.completed.slice(1) }),
    },
    { name: 'a close that threw', wrong: (step) => ({ ...step, threw: !step.threw }) },
    { name: 'an end where a value was due', wrong: (step) => withFirst(step, { ok: false }) },
  ])('refuses $name', ({ wrong }) => {
    const steps = traces.flatMap(({ capacities, steps }) => steps.map((_, i) => ({ capacities, steps, i })))
    const changed = steps.filter(({ steps, i }) => steps[i]!.completed[0]?.ok === true).slice(0, 200)
    expect(changed.length).toBe(200)
    for (const { capacities, steps, i } of changed) {
      expect(firstRefused({ capacities, steps: steps.with(i, wrong(steps[i]!)) })).toBe(i)
    }
  })

  function withFirst(step: TraceStep, change: object): TraceStep {
    const [first, ...rest] = step.completed
    return { ...step, completed: [{ ...first!, ...change }, ...rest] }
  }
})

describe('the library stays inside the model', () => {
  test.each<{ most: number; selects: Selects }>([
    { most: 1, selects: 'one-shot' },
    { most: 2, selects: 'one-shot' },
    { most: 3, selects: 'one-shot' },
    { most: 1, selects: 'prepared' },
    { most: 2, selects: 'prepared' },
    { most: 3, selects: 'prepared' },
  ])(
    'over the scenarios of the Go runtime, up to $most commands in a turn, with $selects selects',
    { timeout: SLOW },
    async ({ most, selects }) => {
      const share = traces.filter((_, i) => i % 3 === most - 1)
      for (const [i, trace] of share.entries()) {
        const random = new Random(i)
        const commands = trace.steps.map(({ command }) => command)
        const turns: Command[][] = []
        while (commands.length > 0) turns.push(commands.splice(0, 1 + random.below(most)))
        const program = { channels: channelsOf(trace), turns, seed: i }
        const found = await inModelWorld(() => difference(program, selects))
        expect(found, `scenario ${i * 3 + most - 1}`).toBeUndefined()
      }
    },
  )
})
