// Go: src/context/x_test.go TestSimultaneousCancels — a hundred contexts of one tree cancelled by as many
//   tasks at once: all of them end, and so do the tasks.
// Go: src/context/x_test.go TestInterlockedCancels — who waits for a parent's end may cancel the child.
// Go: src/context/x_test.go TestCauseRace — who polls for the cause sees nothing, then the cause, never half
//   of it.
import { expect, test } from 'vitest'
import { type CancelContext, background, channel, select, sleep, withCancel, yieldNow } from 'chansel'
import { expectNothingLeft, rejectionOf, settle } from '../../support/pending.ts'
import { Random } from '../../support/random.ts'
import { Tasks, inBubble } from '../time/bubble.ts'

expectNothingLeft()

/** Breadth first, four children each. */
function tree(size: number): CancelContext[] {
  const contexts = [withCancel(background())]
  for (let i = 0; contexts.length < size; i++) {
    for (let child = 0; child < 4; child++) contexts.push(withCancel(contexts[i]!))
  }
  return contexts
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items]
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!)
}

const seeds = Array.from({ length: 10 }, (_, i) => ({ seed: 90 + i }))

test.each(seeds)('TestSimultaneousCancels: all contexts of a tree end, seed $seed', ({ seed }) =>
  inBubble(async () => {
    const random = new Random(seed)
    const contexts = tree(100)
    const parentOf = (i: number) => (i === 0 ? undefined : contexts[Math.floor((i - 1) / 4)])
    const firstToEnd = new Map<CancelContext, number>()
    const told: number[] = []
    const tasks = new Tasks()
    for (const [i, ctx] of contexts.entries()) {
      tasks.go(async () => {
        expect(await ctx.done.receive()).toEqual({ value: undefined, ok: false })
        told.push(i)
      })
    }
    // In a random order, some in one turn and some later, each says who it is.
    for (const ctx of shuffled(contexts, random)) {
      const i = contexts.indexOf(ctx)
      tasks.go(async () => {
        for (let turns = random.below(3); turns > 0; turns--) await sleep(1)
        ctx.cancel(i)
        for (const [j, other] of contexts.entries()) {
          if (other.err !== undefined && !firstToEnd.has(other)) firstToEnd.set(other, j)
        }
      })
    }
    for (const ctx of shuffled(contexts, random)) await select({ done: ctx.done })
    await tasks.joined()
    expect(told.toSorted((a, b) => a - b)).toEqual(contexts.map((_, i) => i))
    // Each was ended by itself or with its parent: then they share the end.
    for (const [i, ctx] of contexts.entries()) {
      const parent = parentOf(i)
      expect(ctx.cause === i || (ctx.cause === parent?.cause && ctx.err === parent?.err)).toBe(true)
    }
  }),
)

test('TestInterlockedCancels: a task that waits for the parent cancels the child, which is done already', () =>
  inBubble(async () => {
    const parent = withCancel(background())
    const child = withCancel(parent)
    const tasks = new Tasks()
    tasks.go(async () => {
      await parent.done.receive()
      child.cancel('too late')
    })
    // Inside the cancel itself, too.
    parent.signal.addEventListener('abort', () => child.cancel('too late'))
    parent.cancel('first')
    expect(await child.done.receive()).toEqual({ value: undefined, ok: false })
    await tasks.joined()
    expect([child.cause, child.err]).toEqual(['first', parent.err])
  }))

test('TestInterlockedCancels: who hears of the end of the parent finds all waits below it over', async () => {
  const parent = withCancel(background())
  const child = withCancel(parent)
  const ch = channel<string>()
  const received = rejectionOf(ch.receive(child))
  const seen: unknown[] = []
  parent.signal.addEventListener('abort', () => seen.push(ch.trySend('to nobody'), child.err === parent.err))
  parent.cancel()
  expect(seen).toEqual([false, true])
  expect(await received).toBe(parent.err)
})

test.each(seeds)(
  'TestSimultaneousCancels: waits that are over by then are not told, seed $seed',
  async ({ seed }) => {
    const random = new Random(seed)
    const ctx = withCancel(background())
    const waits = Array.from({ length: 30 }, () => {
      const ch = channel<string>()
      return { ch, outcome: ch.receive(ctx).catch((error: unknown) => error) }
    })
    const served = shuffled(waits, random).slice(0, 1 + random.below(waits.length))
    for (const { ch } of served) expect(ch.trySend('in time')).toBe(true)
    ctx.cancel()
    for (const wait of waits) {
      const inTime = { value: 'in time', ok: true }
      expect(await wait.outcome).toEqual(served.includes(wait) ? inTime : ctx.err)
      expect(wait.ch.trySend('late')).toBe(false)
    }
  },
)

test('TestSimultaneousCancels: all are told in order, parents before children, elder ones first', async () => {
  const root = withCancel(background())
  const family = [root, withCancel(root), withCancel(root), withCancel(root)]
  const told: string[] = []
  for (const [i, member] of family.entries()) {
    for (const wait of ['first', 'second']) {
      void rejectionOf(channel().receive(member)).then(() => told.push(`${i} ${wait}`))
    }
  }
  root.cancel()
  await settle()
  expect(told).toEqual(family.flatMap((_, i) => [`${i} first`, `${i} second`]))
})

test('TestCauseRace: err, cause and done change in one step', async () => {
  const cause = new Error('the cause')
  const ctx = withCancel(background())
  const tasks = new Tasks()
  tasks.go(async () => {
    for (let turns = 0; turns < 5; turns++) await yieldNow()
    ctx.cancel(cause)
  })
  let polls = 0
  while (ctx.cause === undefined) {
    expect([ctx.err, ctx.done.tryReceive()]).toEqual([undefined, undefined])
    polls++
    await yieldNow()
  }
  expect(polls).toBeGreaterThan(2)
  expect(ctx.cause).toBe(cause)
  expect(ctx.err?.cause).toBe(cause)
  expect(ctx.done.tryReceive()).toMatchObject({ ok: false })
  await tasks.joined()
})
