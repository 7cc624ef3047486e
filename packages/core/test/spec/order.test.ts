import { describe, expect, test } from 'vitest'
import { background, channel, select, sendCase, sleep, withCancel, yieldNow } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'
import { atOnce, journal, waiting } from './outcomes.ts'

expectNothingLeft()

/** After how many microtasks from now `promise` settles. */
async function hopsOf(promise: Promise<unknown>): Promise<number> {
  let isTold = false
  const tell = () => (isTold = true)
  promise.then(tell, tell)
  let hops = 0
  while (!isTold && hops < 20) {
    hops++
    await Promise.resolve()
  }
  return hops
}

describe('R4 J4 each outcome is told in one microtask', () => {
  test.each(atOnce)('at once: %s', async (_, operate) => {
    await yieldNow()
    expect(await hopsOf(operate())).toBe(1)
  })

  test.each(waiting)('after a wait: %s', async (_, begin) => {
    await settle()
    const { promise, commit } = begin()
    commit()
    expect(await hopsOf(promise)).toBe(1)
  })

  test.each(waiting)('after a wait of turns: %s', async (_, begin) => {
    const { promise, commit } = begin()
    await settle()
    commit()
    expect(await hopsOf(promise)).toBe(1)
  })

  test('by the clock: sleep and done of a deadline', async () => {
    const clock = virtualClock()
    const slept = sleep(10)
    clock.advance(10)
    expect(await hopsOf(slept)).toBe(1)
  })

  test('J4 R2 what is handed out are plain promises of the platform', () => {
    const ch = channel<number>(1)
    for (const promise of [
      ch.send(1),
      ch.receive(),
      select([sendCase(ch, 1)]),
      sleep(0),
      ch[Symbol.asyncIterator]().next(),
    ]) {
      expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype)
    }
  })
})

describe('R4 continuations run in the order of the commits', () => {
  test('over all kinds of operations, at once and after a wait', async () => {
    const clock = virtualClock()
    const { log, note } = journal()
    const parked = waiting.map(([name, begin]) => ({ name, ...begin() }))
    const slept = sleep(10)
    await settle()
    // They settle in the order of registration below only if the commits alone decide.
    for (const { name, promise } of [...parked].reverse()) note(name, promise)
    note('sleep', slept)
    const expected: string[] = []
    const immediate = [...atOnce]
    for (const { name, commit } of parked) {
      commit()
      expected.push(name)
      const [nextName, operate] = immediate.shift() ?? ['sleep(0) again', () => sleep(0)]
      note(nextName, operate())
      expected.push(nextName)
    }
    clock.advance(10)
    expected.push('sleep')
    await settle()
    expect(log).toEqual(expected)
  })

  test('beside the microtasks of the platform', async () => {
    const { log, note } = journal()
    const ch = channel<number>()
    const received = ch.receive()
    note('received', received)
    note('before', Promise.resolve())
    const sent = ch.send(1)
    note('sent', sent)
    note('after', Promise.resolve())
    note('select', select([sendCase(channel<number>(1), 1)]))
    note('last', Promise.resolve())
    await settle()
    expect(log).toEqual(['before', 'received', 'sent', 'after', 'select', 'last'])
  })

  test('of tasks that await', async () => {
    const log: string[] = []
    const ch = channel<number>()
    const ctx = withCancel(background())
    const tasks = [
      (async () => {
        const iterator = ch[Symbol.asyncIterator]()
        log.push(`next ${(await iterator.next()).value}`)
      })(),
      (async () => log.push(`receive ${(await ch.receive()).value}`))(),
      (async () => log.push(`select ${(await select([ch])).value}`))(),
      (async () => {
        await ctx.done.receive()
        log.push('done')
      })(),
      (async () => {
        await channel<number>()
          .send(1, ctx)
          .catch(() => log.push('canceled'))
      })(),
    ]
    ch.trySend(1)
    ctx.cancel()
    ch.trySend(2)
    ch.trySend(3)
    await Promise.all(tasks)
    expect(log).toEqual(['next 1', 'done', 'canceled', 'receive 2', 'select 3'])
  })
})
