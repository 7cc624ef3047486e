import { Demand, type Workshop, splitInto } from './demand.ts'
import { ONE, Rational, ZERO } from './rational.ts'

/**
 * Arithmetic of power series: each is a stream of rational coefficients on demand, each operation a task that
 * asks its operands for terms when it is asked for one. An operand belongs to the operation it is given to;
 * whoever needs it twice splits it.
 *
 * Source: M. D. McIlroy, "Squinting at Power Series".
 */
export class PowerSeries {
  readonly #workshop: Workshop

  constructor(workshop: Workshop) {
    this.#workshop = workshop
  }

  /** c + cx + cx² + … */
  repeat(c: Rational): Demand {
    return this.#series(async (z) => {
      for (;;) await z.put(c)
    })
  }

  /** cxⁿ */
  monomial(c: Rational, n: number): Demand {
    return this.#series(async (z) => {
      for (let i = 0; i < n; i++) await z.put(ZERO)
      await z.put(c)
      await z.put(null)
    })
  }

  add(u: Demand, v: Demand): Demand {
    return this.#series(async (z) => {
      for (;;) {
        await z.asked()
        const [a, b] = await Demand.getBoth(u, v)
        if (a !== null && b !== null) {
          await z.answer(a.plus(b))
          continue
        }
        await z.answer(a ?? b)
        return this.#copy(a === null ? v : u, z)
      }
    })
  }

  scale(c: Rational, u: Demand): Demand {
    return this.#mapped(u, (a) => c.times(a))
  }

  subtract(u: Demand, v: Demand): Demand {
    return this.add(u, this.scale(ONE.negated(), v))
  }

  /** c + xU */
  prepend(c: Rational, u: Demand): Demand {
    return this.#series(async (z) => {
      await z.put(c)
      await this.#copy(u, z)
    })
  }

  /** With U = u + xU′ and V = v + xV′: UV = uv + x(uV′ + vU′) + x²U′V′. */
  multiply(u: Demand, v: Demand): Demand {
    return this.#series(async (z) => {
      await z.asked()
      const [a, b] = await Demand.getBoth(u, v)
      if (a === null || b === null) return z.answer(null)
      await z.answer(a.times(b))
      const us = this.#split(u)
      const vs = this.#split(v)
      const middle = this.add(this.scale(a, vs[0]), this.scale(b, us[0]))
      await z.asked()
      await z.answer(await middle.get())
      await this.#copy(this.add(middle, this.multiply(us[1], vs[1])), z)
    })
  }

  differentiate(u: Demand): Demand {
    return this.#series(async (z) => {
      await z.asked()
      if ((await u.get()) === null) return z.answer(null)
      for (let n = 1; ; n++) {
        const a = await u.get()
        if (a === null) return z.answer(null)
        await z.answer(Rational.of(n).times(a))
        await z.asked()
      }
    })
  }

  integrate(c: Rational, u: Demand): Demand {
    return this.prepend(
      c,
      this.#mapped(u, (a, n) => Rational.of(1, n + 1).times(a)),
    )
  }

  /** (1 + x)ᶜ */
  binomial(c: Rational): Demand {
    return this.#series(async (z) => {
      let a = ONE
      for (let n = 1; !a.isZero; n++) {
        await z.put(a)
        const left = c.plus(Rational.of(1 - n))
        a = a.times(left).times(Rational.of(1, n))
      }
      await z.put(null)
    })
  }

  /** With U = u + xU′: Z = 1/U = 1/u − xU′Z/u. So Z is made of itself: what it says feeds what comes next. */
  reciprocal(u: Demand): Demand {
    return this.#series(async (z) => {
      await z.asked()
      const a = (await u.get())!.inverted()
      await z.answer(a)
      const [inner, outer] = [this.#demand(), this.#demand()]
      const tail = this.multiply(this.scale(a.negated(), u), this.prepend(a, inner))
      splitInto(tail, [inner, outer], this.#workshop)
      await this.#copy(outer, z)
    })
  }

  /** e to the U, the constant term of U taken as 0: the Z that is the integral of ZU′. */
  exponential(u: Demand): Demand {
    const [inner, outer] = [this.#demand(), this.#demand()]
    splitInto(
      this.integrate(ONE, this.multiply(inner, this.differentiate(u))),
      [inner, outer],
      this.#workshop,
    )
    return outer
  }

  /** U(V), the constant term of V taken as 0: with U = u + xU′ and V = xV′ it is u + xV′U′(V). */
  substitute(u: Demand, v: Demand): Demand {
    return this.#series(async (z) => {
      const [first, second] = this.#split(v)
      await z.asked()
      const a = await u.get()
      await z.answer(a)
      if (a === null) return
      if ((await first.get()) === null) return z.put(null)
      await this.#copy(this.multiply(first, this.substitute(u, second)), z)
    })
  }

  /** U(cxⁿ): the terms of U times the powers of c, and n − 1 zeros after each. */
  substituteMonomial(u: Demand, c: Rational, n: number): Demand {
    return this.#series(async (z) => {
      for (let power = ONE; ; power = power.times(c)) {
        await z.asked()
        const a = await u.get()
        if (a === null) return z.answer(null)
        await z.answer(power.times(a))
        for (let i = 1; i < n; i++) await z.put(ZERO)
      }
    })
  }

  #demand(): Demand {
    return new Demand(this.#workshop)
  }

  /** A series that a task of its own computes. */
  #series(compute: (z: Demand) => Promise<void>): Demand {
    const z = this.#demand()
    this.#workshop.go(() => compute(z))
    return z
  }

  #mapped(u: Demand, f: (a: Rational, n: number) => Rational): Demand {
    return this.#series(async (z) => {
      for (let n = 0; ; n++) {
        await z.asked()
        const a = await u.get()
        await z.answer(a && f(a, n))
        if (a === null) return
      }
    })
  }

  async #copy(u: Demand, z: Demand): Promise<void> {
    for (;;) {
      await z.asked()
      await z.answer(await u.get())
    }
  }

  #split(u: Demand): [Demand, Demand] {
    const both: [Demand, Demand] = [this.#demand(), this.#demand()]
    splitInto(u, both, this.#workshop)
    return both
  }
}
