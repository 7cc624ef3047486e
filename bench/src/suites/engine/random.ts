/** A cheap generator of choices: the same sequence in every library, and in Go. */
export class Choices {
  #state = 1

  /** A whole number below `count`. */
  next(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return (this.#state >>> 16) % count
  }
}

/** The whole numbers below `n` in a random order. */
export function shuffled(n: number): number[] {
  const numbers = Array.from({ length: n }, (_, i) => i)
  const choices = new Choices()
  for (let i = n - 1; i > 0; i--) {
    // Two draws, because one has 16 bits.
    const j = (choices.next(65_536) * 65_536 + choices.next(65_536)) % (i + 1)
    const other = numbers[i]!
    numbers[i] = numbers[j]!
    numbers[j] = other
  }
  return numbers
}
