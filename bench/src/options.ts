import { parseArgs } from 'node:util'

/** The options of `npm run bench -- …`. */
export interface Options {
  /** Few and short rounds, for a look. */
  readonly quick: boolean
  /** Nothing is measured: reports are made from the results on disk. */
  readonly report: boolean
  /** Results of a look or of a part go to the disk, too. */
  readonly save: boolean
  readonly rounds: number
  /** Part of the names of the suites to run; empty: all. */
  readonly suite: string
  readonly libraries: readonly string[]
  readonly loads: readonly string[]
}

export const USAGE = `npm run bench -- [options]
  --quick            a look: few and short rounds, results are not kept
  --suite <text>     only suites with this in their name
  --load <text>      only loads with this in their name; may be repeated
  --library <text>   only libraries with this in their name, and the control; may be repeated
  --rounds <n>       how many rounds
  --save             keep the results of a look or of a part as well
  --report           make table, plot and README from the results that were kept, without measuring`

/** @throws TypeError for an option that it does not know */
export function readOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      quick: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      suite: { type: 'string', default: '' },
      library: { type: 'string', multiple: true, default: [] },
      load: { type: 'string', multiple: true, default: [] },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 11))
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--rounds needs a whole number from 1 on`)
  const { quick, report, save, suite, library, load } = values
  return { quick, report, save, rounds, suite, libraries: library, loads: load }
}
