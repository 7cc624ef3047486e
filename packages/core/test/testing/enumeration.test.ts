import { expect, test } from 'vitest'
import { type Channel, channel, select, sendCase } from 'chansel'
import { type Simulation, explore, seededRandom } from 'chansel/testing'
import { FAILS, type Op, type Program, WAITS, outcomesOf } from './enumerator.ts'

/** The program over the library, noting the same outcome. */
function running({ capacities, tasks }: Program): (t: Simulation) => Promise<void> {
  return async (t) => {
    const channels = capacities.map((capacity) => channel<number>(capacity))
    const seen = tasks.map((): string[] => [])
    const states = tasks.map((): string | undefined => undefined)
    tasks.forEach((ops, i) => {
      void t.go(`${i}`, async () => {
        for (const op of ops) {
          states[i] = WAITS
          try {
            await perform(op, channels, t, seen[i]!)
          } catch {
            if (t.ctx.err === undefined) seen[i]!.push(FAILS)
            states[i] = undefined
            return
          }
          states[i] = undefined
        }
      })
    })
    await t.settled()
    t.log(seen.map((words, i) => [...words, ...(states[i] === undefined ? [] : [WAITS])].join()).join(' | '))
  }
}

async function perform(op: Op, channels: Channel<number>[], t: Simulation, seen: string[]): Promise<void> {
  if (op.do === 'select') {
    const cases = op.cases.map((one) => {
      if (one.do === 'send') return sendCase(channels[one.ch]!, one.value)
      return one.do === 'receive' && channels[one.ch]!
    })
    const event = await select(cases, t.ctx)
    if ('ok' in event) seen.push(event.ok ? `${String(event.value)}` : 'end')
    return
  }
  const ch = channels[op.ch]!
  if (op.do === 'send') return ch.send(op.value, t.ctx)
  if (op.do === 'close') return ch.close()
  const { ok, value } = await ch.receive(t.ctx)
  seen.push(ok ? `${value}` : 'end')
}

/** Small enough for every order of it to be tried. */
function randomProgram(seed: number): Program {
  const dice = seededRandom(seed)
  const capacities = [dice.below(2), dice.below(3)]
  let value = 0
  const plain = (): Op => {
    const ch = dice.below(2)
    const kind = dice.below(9)
    if (kind === 0) return { do: 'close', ch }
    return kind < 5 ? { do: 'send', ch, value: ++value } : { do: 'receive', ch }
  }
  const caseOf = (ch: number): Op =>
    dice.below(2) === 0 ? { do: 'send', ch, value: ++value } : { do: 'receive', ch }
  const op = (): Op => (dice.below(4) === 0 ? { do: 'select', cases: [caseOf(0), caseOf(1)] } : plain())
  const lengths = dice.below(2) === 0 ? [2, 2] : [2, 1, 1]
  return { capacities, tasks: lengths.map((length) => Array.from({ length }, op)) }
}

test('the enumerator knows what a hand can count', () => {
  const send = (value: number): Op => ({ do: 'send', ch: 0, value })
  const receive: Op = { do: 'receive', ch: 0 }
  expect(outcomesOf({ capacities: [0], tasks: [[send(1)], [send(2)], [receive]] })).toEqual([
    ' | waits | 1',
    'waits |  | 2',
  ])
  expect(
    outcomesOf({
      capacities: [1],
      tasks: [
        [send(1), { do: 'close', ch: 0 }],
        [receive, receive],
      ],
    }),
  ).toEqual([' | 1,end'])
})

test('R8 a complete search finds the outcomes of a reference enumeration, no more and no less', async () => {
  let distinct = 0
  for (let seed = 1; seed <= 14; seed++) {
    const program = randomProgram(seed)
    const found = await explore(running(program), { strategy: 'dfs', runs: 20_000 })
    expect(found.complete, `seed ${seed} is complete`).toBe(true)
    expect([...found.outcomes].sort(), `seed ${seed}: ${JSON.stringify(program)}`).toEqual(
      outcomesOf(program),
    )
    distinct += found.outcomes.length
  }
  expect(distinct, 'outcomes in all').toBeGreaterThan(22)
}, 60_000)

test('two departures from what the engine does find most of them', async () => {
  let found = 0
  let all = 0
  for (let seed = 1; seed <= 14; seed++) {
    const program = randomProgram(seed)
    const expected = outcomesOf(program)
    const { outcomes } = await explore(running(program), { delays: 2 })
    for (const outcome of outcomes) expect(expected).toContain(outcome)
    found += outcomes.length
    all += expected.length
  }
  expect(found / all).toBeGreaterThan(0.8)
}, 60_000)
