import { awkwardValues } from '../support/values.ts'
import type { Random } from '../support/random.ts'
import type { Program } from './lockstep.ts'
import type { Case, Command } from './model.ts'

/** Up to 30 random commands over one to three channels, one to three in a turn; at the end all is closed. */
export function randomProgram(random: Random): Program {
  const capacities = Array.from({ length: 1 + random.below(3) }, () =>
    random.pick([0, 0, 0, 1, 1, 2, 3, Infinity]),
  )
  const commands = Array.from({ length: 5 + random.below(26) }, (_, op) =>
    randomCommand(random, op, capacities.length),
  )
  const turns: Command[][] = []
  while (commands.length > 0) turns.push(commands.splice(0, 1 + random.below(3)))
  return { capacities, turns: [...turns, capacities.map((_, index) => ({ close: index }))] }
}

function randomCommand(random: Random, op: number, channels: number): Command {
  const kind = random.next()
  if (kind < 0.14) return { cancel: random.below(op + 1) }
  if (kind < 0.17) return { close: random.below(channels) }
  if (kind < 0.19) return { close: random.below(channels), error: ERRORS + op }
  const count = kind < 0.65 ? 1 : 1 + random.below(4)
  const cases = Array.from({ length: count }, (_, i) => randomCase(random, op * 10 + i, channels))
  const fate = random.next()
  return { op, cases, ...(fate < 0.2 ? { default: true } : fate < 0.24 ? { canceled: true } : {}) }
}

function randomCase(random: Random, value: number, channels: number): Case {
  const index = random.chance(0.06) ? null : random.below(channels)
  return random.chance(0.5) ? { receive: index } : { send: index, value }
}

/** Values for the numbers of a program: the awkward ones, among others that are told apart. */
export function valuesFor(random: Random): unknown[] {
  const awkward = awkwardValues().map(({ value }) => value)
  const values = Array.from({ length: ERRORS }, (_, n): unknown =>
    random.chance(0.5) ? random.pick(awkward) : { n },
  )
  // What channels fail with: anything but undefined, for that would be no failure.
  const errors = Array.from({ length: 31 }, (_, n): unknown =>
    random.pick([new Error('broken'), null, 0, false, '', { n }]),
  )
  return [...values, ...errors]
}

/** The number of the first value that a channel fails with. */
const ERRORS = 310
