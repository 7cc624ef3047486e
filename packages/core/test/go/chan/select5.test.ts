// Go: test/chan/select5.go — generated selects with one case that can happen: whatever the shape of the
//   select and the cases around it, that one happens, and the operands of all cases are evaluated once, in
//   the order of the source.
// Go: test/fixedbugs/issue4313.go — the operands of a case are evaluated before those of the next one.

import { describe, expect, test } from 'vitest'
import {
  type Channel,
  type ReceiveChannel,
  type SelectCase,
  type SelectCases,
  channel,
  select,
  sendCase,
  trySelect,
} from 'chansel'
import { expectNothingLeft, stateOf } from '../../support/pending.ts'
import { type Choices, everyWay } from '../support/choices.ts'

expectNothingLeft()

/** Writes down the order in which operands are evaluated. */
class Source {
  readonly evaluated: number[] = []
  #written = 0

  /** The next operand in the source. */
  operand<T>(value: T): () => T {
    const place = this.#written++
    return () => {
      this.evaluated.push(place)
      return value
    }
  }

  expectInOrder(): void {
    expect(this.evaluated).toEqual(Array.from({ length: this.#written }, (_, place) => place))
  }
}

/** The part of a select's source that is one case. */
type Written = () => SelectCase

function writtenReceive(source: Source, ch: ReceiveChannel<number> | null): Written {
  return source.operand(ch)
}

function writtenSend(source: Source, ch: Channel<number> | null, value: number): Written {
  const chOperand = source.operand(ch)
  const valueOperand = source.operand(value)
  return () => {
    const [evaluatedCh, evaluatedValue] = [chOperand(), valueOperand()]
    return evaluatedCh && sendCase(evaluatedCh, evaluatedValue)
  }
}

/** The ways to write down cases: an object may have getters, which the select itself evaluates. */
const shapes: { [name: string]: (cases: Written[]) => SelectCases } = {
  array: (cases) => cases.map((written) => written()),
  object: (cases) => Object.fromEntries(cases.map((written, i) => [`label ${i}`, written()])),
  'object with getters': (cases) =>
    Object.defineProperties(
      {},
      Object.fromEntries(cases.map((get, i) => [`label ${i}`, { get, enumerable: true }])),
    ),
}

/** Runs a select and returns which of the cases happened. */
async function runSelect(choices: Choices, source: Source, cases: Written[]) {
  const shape = choices.pick(Object.keys(shapes))
  const given = shapes[shape]!(cases)
  const hasDefault = choices.maybe()
  const running = hasDefault ? Promise.resolve(trySelect(given)) : select(given)
  expect(await stateOf(running)).toBe('fulfilled')
  source.expectInOrder()
  const event = (await running) as { case: number | string; value?: number; ok?: boolean }
  return { ...event, case: shape === 'array' ? event.case : Number(/\d+/.exec(String(event.case))![0]) }
}

/** Puts cases that never happen around the one that does, and returns its place. */
function surround(
  choices: Choices,
  source: Source,
  write: () => Written,
): { cases: Written[]; place: number } {
  const quiet = channel<number>()
  const idle: (() => Written)[] = [
    () => writtenSend(source, quiet, 1),
    () => writtenReceive(source, quiet),
    () => writtenSend(source, null, 1),
    () => writtenReceive(source, null),
  ].filter(() => choices.maybe())
  const place = choices.below(idle.length + 1)
  idle.splice(place, 0, write)
  return { cases: idle.map((writeOne) => writeOne()), place }
}

describe('S13 in every shape of a select', () => {
  test('the one receive that can happen gets the value', async () => {
    const runs = await everyWay(async (choices) => {
      const source = new Source()
      const ch = channel<number>(1)
      ch.trySend(13)
      const { cases, place } = surround(choices, source, () => writtenReceive(source, ch))
      expect(await runSelect(choices, source, cases)).toEqual({ case: place, value: 13, ok: true })
      expect(ch.length).toBe(0)
    })
    expect(runs).toBe(288)
  })

  test('the one receive that ends is told apart', async () => {
    await everyWay(async (choices) => {
      const source = new Source()
      const ch = channel<number>(1)
      ch.close()
      const { cases, place } = surround(choices, source, () => writtenReceive(source, ch))
      expect(await runSelect(choices, source, cases)).toEqual({ case: place, value: undefined, ok: false })
    })
  })

  test('the one send that can happen leaves its value', async () => {
    const runs = await everyWay(async (choices) => {
      const source = new Source()
      const ch = channel<number>(1)
      const { cases, place } = surround(choices, source, () => writtenSend(source, ch, 13))
      expect(await runSelect(choices, source, cases)).toEqual({ case: place })
      expect(ch.tryReceive()).toEqual({ value: 13, ok: true })
    })
    expect(runs).toBe(288)
  })

  test('a select of cases that never happen takes its default, after it has evaluated them all', async () => {
    const runs = await everyWay((choices) => {
      const source = new Source()
      const { cases } = surround(choices, source, () =>
        choices.maybe()
          ? writtenReceive(source, channel<number>())
          : writtenSend(source, channel<number>(), 1),
      )
      expect(trySelect(choices.pick(Object.values(shapes))(cases))).toBeUndefined()
      source.expectInOrder()
    })
    expect(runs).toBe(288)
  })
})

test('S13 plain operations evaluate the channel first, then the value', async () => {
  const source = new Source()
  const ch = channel<number>(1)
  const [chOperand, valueOperand, receiverOperand] = [
    source.operand(ch),
    source.operand(13),
    source.operand(ch),
  ]
  await chOperand().send(valueOperand())
  expect(await receiverOperand().receive()).toEqual({ value: 13, ok: true })
  source.expectInOrder()
})

test('issue4313.go: a value computed for a case does not see what the next case does', async () => {
  const ch = channel<number>(1)
  let x = 0
  const makeChannel = () => {
    x = 42
    return channel<boolean>()
  }
  const event = await select({ sent: sendCase(ch, x), received: makeChannel() })
  expect(event).toEqual({ case: 'sent' })
  expect(ch.tryReceive()).toEqual({ value: 0, ok: true })
})
