import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Selects, difference } from './lockstep.ts'
import { type Program, programs } from './programs.ts'
import { type Counts, count, noSituations } from './situations.ts'
import { inModelWorld } from './world.ts'

/** How many random programs a file runs. */
const SCENARIOS = Number(process.env['CHANSEL_SCENARIOS'] ?? 10_000)
/** The place of one program among those of a seed: only that one is run. */
const PATH = process.env['CHANSEL_PATH']
/** A file for the counts of a part of a long run, which judges them itself. */
const REPORT = process.env['CHANSEL_REPORT']

/** How often each situation comes up at least, in this many programs. */
const LEAST = { times: 10, programs: 10_000 }

/** The library in lock-step with the model over random programs, those of one seed. */
export function describeRandomPrograms(
  file: string,
  defaultSeed: number,
  selects: Selects = 'one-shot',
): void {
  const seed = Number(process.env['CHANSEL_SEED'] ?? defaultSeed)
  const counts = noSituations()

  describe('the library stays inside the model', () => {
    test(
      `over ${PATH === undefined ? SCENARIOS : 'one of the'} random programs of seed ${seed}, with ${selects} selects`,
      { timeout: 60_000 + 20 * SCENARIOS },
      async () => {
        const found = await firstDifference(seed, counts, selects)
        expect(found && report(found, seed, file)).toBeUndefined()
        if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(counts))
      },
    )

    test.runIf(PATH === undefined && REPORT === undefined && SCENARIOS >= LEAST.programs)(
      'and each situation came up in them',
      () => {
        const least = (LEAST.times * SCENARIOS) / LEAST.programs
        const rare = Object.entries(counts).filter(([, times]) => times < least)
        expect(rare, `situations that came up less than ${least} times`).toEqual([])
      },
    )
  })
}

type Found = fc.RunDetailsFailureProperty<[Program]>

async function firstDifference(seed: number, counts: Counts, selects: Selects): Promise<Found | undefined> {
  const property = fc.asyncProperty(programs, async (program) => {
    const found = await difference(program, selects, (seen) => count(counts, seen))
    if (found !== undefined) throw new Error(found)
  })
  const only = PATH === undefined ? { numRuns: SCENARIOS } : { numRuns: 1, path: PATH, endOnFailure: true }
  const details = await inModelWorld(() => fc.check(property, { seed, ...only }))
  return details.failed ? (details as Found) : undefined
}

function report(
  { counterexample, counterexamplePath, errorInstance }: Found,
  seed: number,
  file: string,
): string {
  const [program] = counterexample
  const turns = program.turns.map((commands) => `  ${commands.map((command) => textOf(command)).join(' ')}`)
  return [
    (errorInstance as Error).message,
    `channels ${textOf(program.channels)}, a turn on each line:`,
    ...turns,
    `CHANSEL_SEED=${seed} CHANSEL_PATH=${counterexamplePath} npx vitest run --project core packages/core/test/model/${file}`,
  ].join('\n')
}

function textOf(given: unknown): string {
  return JSON.stringify(given, (_, value: unknown) => (value === Infinity ? 'Infinity' : value))
}
