import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { expectNothingLeft } from '../support/pending.ts'
import { Random } from '../support/random.ts'
import { type Program, type TraceStep, difference, firstRefused, shrink } from './lockstep.ts'
import type { Command } from './model.ts'
import { randomProgram, valuesFor } from './programs.ts'

expectNothingLeft()
afterEach(() => void vi.restoreAllMocks())

/** How many random programs are run. */
const SCENARIOS = Number(process.env['CHANSEL_SCENARIOS'] ?? 3_000)
/** The seed of the first of them; each next one has the next seed. */
const SEED = Number(process.env['CHANSEL_SEED'] ?? 1)
const SLOW = 20_000 + 20 * SCENARIOS

interface Trace {
  readonly capacities: readonly number[]
  readonly steps: readonly TraceStep[]
}

const traces: Trace[] = gunzipSync(readFileSync(new URL('go-traces.ndjson.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Trace)

/** The library draws its lots from the seed, too: a failure can be run again. */
function seeded(seed: number): Random {
  const lots = new Random(~seed)
  vi.spyOn(Math, 'random').mockImplementation(() => lots.next())
  return new Random(seed)
}

async function differenceOf(seed: number, program: Program): Promise<string | undefined> {
  return difference(program, valuesFor(seeded(seed)))
}

async function report(seed: number, program: Program, found: string): Promise<string> {
  const smallest = await shrink(program, async (smaller) => (await differenceOf(seed, smaller)) !== undefined)
  const again = (await differenceOf(seed, smallest)) ?? found
  return [
    again,
    `capacities ${JSON.stringify(smallest.capacities)}, turns ${JSON.stringify(smallest.turns)}`,
    `CHANSEL_SEED=${seed} CHANSEL_SCENARIOS=1 npx vitest run --project core packages/core/test/model`,
  ].join('\n')
}

describe('the model', () => {
  test('accepts what the Go runtime did in 6,000 scenarios', { timeout: SLOW }, () => {
    expect(traces.length).toBe(6_000)
    const refused = traces.findIndex(({ capacities, steps }) => firstRefused(capacities, steps) >= 0)
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
      expect(firstRefused(capacities, steps.with(i, wrong(steps[i]!)))).toBe(i)
    }
  })

  function withFirst(step: TraceStep, change: object): TraceStep {
    const [first, ...rest] = step.completed
    return { ...step, completed: [{ ...first!, ...change }, ...rest] }
  }
})

describe('the library stays inside the model', () => {
  test.each([1, 2, 3])(
    'over the scenarios of the Go runtime, up to %i commands in a turn',
    { timeout: SLOW },
    async (most) => {
      const share = traces.filter((_, i) => i % 3 === most - 1)
      for (const [i, { capacities, steps }] of share.entries()) {
        const random = seeded(i)
        const commands = steps.map(({ command }) => command)
        const turns: Command[][] = []
        while (commands.length > 0) turns.push(commands.splice(0, 1 + random.below(most)))
        const found = await difference(
          { capacities, turns },
          Array.from({ length: 200 }, (_, n) => n),
        )
        expect(found, `scenario ${i * 3 + most - 1}`).toBeUndefined()
      }
    },
  )

  test(`over ${SCENARIOS} random programs from seed ${SEED} on`, { timeout: SLOW }, async () => {
    for (let seed = SEED; seed < SEED + SCENARIOS; seed++) {
      const program = randomProgram(new Random(seed))
      const found = await differenceOf(seed, program)
      expect(found && (await report(seed, program, found))).toBeUndefined()
    }
  })
})
