/** A rational number in lowest terms, its denominator positive. */
export class Rational {
  readonly numerator: bigint
  readonly denominator: bigint

  private constructor(numerator: bigint, denominator: bigint) {
    const sign = denominator < 0n ? -1n : 1n
    const common = greatestCommonDivisor(numerator, denominator) * sign
    this.numerator = numerator / common
    this.denominator = denominator / common
  }

  static of(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
    if (BigInt(denominator) === 0n) throw new RangeError(`Cannot make a rational: ${numerator}/0`)
    return new Rational(BigInt(numerator), BigInt(denominator))
  }

  get isZero(): boolean {
    return this.numerator === 0n
  }

  plus(other: Rational): Rational {
    const numerator = this.numerator * other.denominator + other.numerator * this.denominator
    return new Rational(numerator, this.denominator * other.denominator)
  }

  times(other: Rational): Rational {
    return new Rational(this.numerator * other.numerator, this.denominator * other.denominator)
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator)
  }

  inverted(): Rational {
    return Rational.of(this.denominator, this.numerator)
  }

  toString(): string {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`
  }
}

export const ZERO: Rational = Rational.of(0)
export const ONE: Rational = Rational.of(1)

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? -a : a
}
