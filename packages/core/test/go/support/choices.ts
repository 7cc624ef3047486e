/**
 * Runs `body` once for each sequence of answers that its questions can get, and tells how often that was.
 * What the body asks may depend on the answers before; the last answer changes first.
 *
 * @param limit runs at most; without one, all
 */
export async function everyWay(
  body: (choices: Choices) => unknown,
  { limit = Infinity }: { limit?: number } = {},
): Promise<number> {
  let runs = 0
  let answers: Answer[] | undefined = []
  while (answers !== undefined && runs < limit) {
    const choices: Choices = new Choices(answers)
    try {
      await body(choices)
    } catch (error) {
      throw new Error(`With the choices [${choices.answers.map(({ chosen }) => chosen).join(' ')}]`, {
        cause: error,
      })
    }
    runs++
    answers = next(choices.answers)
  }
  return runs
}

export class Choices {
  readonly answers: Answer[]
  #asked = 0

  constructor(answers: readonly Answer[]) {
    this.answers = [...answers]
  }

  maybe(): boolean {
    return this.below(2) === 1
  }

  /** A whole number below `count`. */
  below(count: number): number {
    const answer = (this.answers[this.#asked++] ??= { chosen: 0, count })
    if (answer.count !== count) throw new Error('The same answers should lead to the same questions')
    return answer.chosen
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}

interface Answer {
  readonly chosen: number
  readonly count: number
}

function next(answers: readonly Answer[]): Answer[] | undefined {
  const last = answers.findLastIndex(({ chosen, count }) => chosen + 1 < count)
  if (last < 0) return undefined
  const { chosen, count } = answers[last]!
  return [...answers.slice(0, last), { chosen: chosen + 1, count }]
}
