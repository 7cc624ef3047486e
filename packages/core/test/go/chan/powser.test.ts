// Go: test/chan/powser1.go — power series as streams of rationals on demand: hundreds of tasks that split,
//   merge and feed back into themselves, over unbuffered channels and selects with cases switched off one by
//   one.
// Go: test/chan/powser2.go — the same over channels of any value, which is looked at when it arrives.

import { describe, expect, test } from 'vitest'
import { expectNothingLeft } from '../../support/pending.ts'
import { Demand, type Term, type Wire, splitInto } from '../power-series/demand.ts'
import { PowerSeries } from '../power-series/power-series.ts'
import { ONE, Rational, ZERO } from '../power-series/rational.ts'
import { program } from '../support/program.ts'
import { Random } from '../../support/random.ts'

expectNothingLeft()

const asTheyAre: Wire = { pack: (term) => term, unpack: (packed) => packed as Term }

/** The end is a value of its own kind, and anything that is neither is refused. */
const END = Symbol('the end of a series')
const asAnyValue: Wire = {
  pack: (term) => term ?? END,
  unpack(packed) {
    if (packed === END) return null
    if (packed instanceof Rational) return packed
    throw new TypeError(`Neither a rational nor the end: ${String(packed)}`)
  },
}

/** The next terms of `series`, as far as they go. */
async function take(count: number, series: Demand): Promise<string> {
  const terms: string[] = []
  while (terms.length < count) {
    const term = await series.get()
    if (term === null) return [...terms, 'end'].join(' ')
    terms.push(term.toString())
  }
  return terms.join(' ')
}

const MINUS_ONE = ONE.negated()

const rows: { name: string; make: (ps: PowerSeries) => Demand; terms: string }[] = [
  { name: 'ones', make: (ps) => ps.repeat(ONE), terms: '1 1 1 1 1 1 1 1 1 1' },
  {
    name: 'a sum',
    make: (ps) => ps.add(ps.repeat(ONE), ps.repeat(Rational.of(2))),
    terms: '3 3 3 3 3 3 3 3 3 3',
  },
  {
    name: 'a sum with a finite one',
    make: (ps) => ps.add(ps.monomial(Rational.of(5), 2), ps.repeat(ONE)),
    terms: '1 1 6 1 1 1 1 1 1 1',
  },
  {
    name: 'a sum of finite ones',
    make: (ps) => ps.add(ps.monomial(ONE, 2), ps.monomial(ONE, 0)),
    terms: '1 0 1 end',
  },
  { name: 'a derivative', make: (ps) => ps.differentiate(ps.repeat(ONE)), terms: '1 2 3 4 5 6 7 8 9 10' },
  {
    name: 'an integral',
    make: (ps) => ps.integrate(ZERO, ps.repeat(ONE)),
    terms: '0 1 1/2 1/3 1/4 1/5 1/6 1/7 1/8 1/9',
  },
  {
    name: 'a multiple',
    make: (ps) => ps.scale(MINUS_ONE, ps.repeat(Rational.of(2))),
    terms: '-2 -2 -2 -2 -2 -2 -2 -2 -2 -2',
  },
  {
    name: 'a difference',
    make: (ps) => ps.subtract(ps.repeat(ONE), ps.repeat(Rational.of(2))),
    terms: '-1 -1 -1 -1 -1 -1 -1 -1 -1 -1',
  },
  {
    name: 'a product',
    make: (ps) => ps.multiply(ps.repeat(ONE), ps.repeat(ONE)),
    terms: '1 2 3 4 5 6 7 8 9 10',
  },
  {
    name: 'an exponential',
    make: (ps) => ps.exponential(ps.repeat(ONE)),
    terms: '1 1 3/2 13/6 73/24 167/40 4051/720 37633/5040 43817/4480 4596553/362880',
  },
  {
    name: 'the arc tangent',
    make: (ps) => ps.integrate(ZERO, ps.substituteMonomial(ps.repeat(ONE), MINUS_ONE, 2)),
    terms: '0 1 0 -1/3 0 1/5 0 -1/7 0 1/9',
  },
  { name: 'a binomial', make: (ps) => ps.binomial(Rational.of(4)), terms: '1 4 6 4 1 end' },
  {
    name: 'a square root',
    make: (ps) => ps.binomial(Rational.of(1, 2)),
    terms: '1 1/2 -1/8 1/16 -5/128 7/256 -21/1024 33/2048 -429/32768 715/65536',
  },
  {
    name: 'a reciprocal',
    make: (ps) => ps.reciprocal(ps.differentiate(ps.repeat(ONE))),
    terms: '1 -2 1 0 0 0 0 0 0 0',
  },
  {
    name: 'a substitution',
    // 1/(1 - (x + x²)): the numbers of Fibonacci.
    make: (ps) => ps.substitute(ps.repeat(ONE), ps.add(ps.monomial(ONE, 1), ps.monomial(ONE, 2))),
    terms: '1 1 2 3 5 8 13 21 34 55',
  },
]

describe.each([
  { wire: 'terms as they are', how: asTheyAre },
  { wire: 'terms as any value', how: asAnyValue },
])('$wire', ({ how }) => {
  test.each(rows)('$name', ({ make, terms }) =>
    program(async (go, exit) => {
      const series = make(new PowerSeries({ go, exit, wire: how }))
      expect(await take(10, series)).toBe(terms)
    }),
  )
})

test.each([1, 2, 3])('both sides of a split give the whole series, however they are read (seed %i)', (seed) =>
  program(async (go, exit) => {
    const random = new Random(seed)
    const workshop = { go, exit, wire: asTheyAre }
    const series = new PowerSeries(workshop)
    const sides = [new Demand(workshop), new Demand(workshop)] as const
    splitInto(series.differentiate(series.repeat(ONE)), sides, workshop)
    const taken = [0, 0]
    for (let i = 0; i < 500; i++) {
      const side = random.below(2)
      taken[side]!++
      expect(String(await sides[side]!.get())).toBe(String(taken[side]))
    }
  }),
)
