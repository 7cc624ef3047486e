import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  afterFunc,
  background,
  channel,
  go,
  group,
  select,
  sendCase,
  sleep,
  withCancel,
} from 'chansel'
import { broadcast, collect, forEach, map, route } from 'chansel/pipeline'
import { Once, SingleFlight, WaitGroup, onceValue } from 'chansel/sync'
import { busyFor } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'
import { atOnce, canceled, closed, full, journal, waiting } from './outcomes.ts'

expectNothingLeft()

describe('J3 starvation', () => {
  test('timers fire during an endless ping-pong', async () => {
    const ping = channel<number>()
    const pong = channel<number>()
    const timer = { fired: false }
    setTimeout(() => (timer.fired = true), 5)
    const echo = (async () => {
      for await (const value of ping) await pong.send(value)
      pong.close()
    })()
    let rounds = 0
    while (!timer.fired && rounds < 3_000_000) {
      await ping.send(rounds++)
      await pong.receive()
    }
    ping.close()
    await echo
    expect(timer.fired).toBe(true)
  })

  test.each([
    [
      'buffered sends and receives',
      async (ch: Loop) => {
        await ch.buffer.send(1)
        await ch.buffer.receive()
      },
    ],
    ['selects', async (ch: Loop) => void (await select([sendCase(ch.buffer, 1), ch.buffer]))],
    ['receives from a closed channel', async (ch: Loop) => void (await ch.closed.receive())],
    ['sends that fail', async (ch: Loop) => ch.closed.send(1).catch(() => {})],
    ['cancelled receives', async (ch: Loop) => void (await ch.buffer.receive(ch.canceled).catch(() => {}))],
    ['next on a closed channel', async (ch: Loop) => void (await ch.closed[Symbol.asyncIterator]().next())],
    ['sleep(0)', async () => sleep(0)],
    ['tasks', async () => go(() => {})],
    ['tasks of a group', async () => group(background(), (g) => g.go(() => {}))],
  ])('timers fire during an endless loop of %s', async (_, round) => {
    const loop = { buffer: channel<number>(1), closed: closed(), canceled: canceled() }
    const timer = { fired: false }
    setTimeout(() => (timer.fired = true), 5)
    let rounds = 0
    while (!timer.fired && rounds++ < 1_000_000) await round(loop)
    expect(timer.fired).toBe(true)
  })

  test('J12 tasks that begin after a yield run in the async context of who gave them', async () => {
    const user = new AsyncLocalStorage<string>()
    const seen: [string, string | undefined][] = []
    const look = (what: string) => () => void seen.push([what, user.getStore()])
    const ch = channel<number>(Infinity)
    const useUp = () => {
      for (let i = 0; i < 600; i++) void ch.send(i)
    }
    user.run('alice', () => {
      useUp()
      busyFor(2)
      useUp()
    })
    const all = user.run('bob', () => [
      go(look('go')),
      group(background(), async (g) => {
        look('body')()
        await g.go(look('task'))
      }),
      new Once().do(look('once')),
      onceValue(look('onceValue'))(),
      new SingleFlight().do('key', look('flight')),
      new Promise<void>((resolve) => new WaitGroup().go(() => resolve(look('wg.go')()))),
      new Promise<void>((resolve) => afterFunc(canceled(), () => resolve(look('afterFunc')()))),
    ])
    expect(seen).toEqual([])
    await Promise.all(all)
    const names = ['go', 'body', 'task', 'once', 'onceValue', 'flight', 'wg.go', 'afterFunc']
    expect(new Map(seen)).toEqual(new Map(names.map((name) => [name, 'bob'])))
  })

  interface Loop {
    buffer: ReturnType<typeof channel<number>>
    closed: ReturnType<typeof channel<number>>
    canceled: ReturnType<typeof withCancel>
  }

  /** Gives its items at once, for a second at most. */
  async function* rows() {
    const end = performance.now() + 1_000
    for (let row = 0; row % 1_000 > 0 || performance.now() < end; row++) yield row
  }

  test.each([
    ['collect', (cancel: Cancel) => collect(rows(), cancel)],
    ['forEach', (cancel: Cancel) => forEach(rows(), () => {}, cancel)],
    [
      'map, with calls under way',
      (cancel: Cancel) =>
        collect(
          map(rows(), (row) => row, { concurrency: 8 }),
          cancel,
        ),
    ],
    [
      'route, of values that nobody asked for',
      (cancel: Cancel) => receiveAll(route(rows(), () => 1, {}, cancel).subscribe(2)),
    ],
    [
      'broadcast, to who loses',
      (cancel: Cancel) =>
        receiveAll(broadcast(rows(), {}, cancel).subscribe({ slow: 'drop-oldest', capacity: 1 })),
    ],
  ])('a source that has all at hand lets a cancel through: %s', async (_, read) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort('enough'), 5)
    expect(await read(controller).catch((error: unknown) => error)).toBe('enough')
  })

  async function receiveAll(from: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of from);
  }

  test('the order holds across the edge of the budget', async () => {
    const { log, note } = journal()
    const expected: string[] = []
    const operations = [...waiting, ...waiting, ...waiting].map(([name, begin]) => ({ name, ...begin() }))
    await settle()
    let turns = 0
    setImmediate(() => turns++)
    for (const [round, { name: committed, promise, commit }] of operations.entries()) {
      // Long enough for the time slice to be over while operations go on committing in one turn.
      busyFor(0.2)
      for (const [name, operate] of atOnce) {
        note(`${name} ${round}`, operate())
        expected.push(`${name} ${round}`)
      }
      note(`${committed} ${round}`, promise)
      commit()
      expected.push(`${committed} ${round}`)
    }
    expect(turns).toBe(0)
    await settle()
    await settle()
    expect(turns).toBe(1)
    expect(log).toEqual(expected)
  })

  test('the order holds across the edge of the budget also between tasks', async () => {
    const ch = channel<number>(Infinity)
    const log: number[] = []
    const turns = { count: 0, over: false }
    const countTurns = () => {
      turns.count++
      return turns.over || setImmediate(countTurns)
    }
    setImmediate(countTurns)
    const consumer = (async () => {
      for await (const value of ch) log.push(value)
    })()
    for (let i = 0; i < 60_000; i++) await ch.send(i)
    ch.close()
    await consumer
    turns.over = true
    expect(log).toEqual(Array.from({ length: 60_000 }, (_, i) => i))
    expect(turns.count).toBeGreaterThan(1)
    await settle()
  })

  test('it costs no turn of the event loop for each operation', async () => {
    const turns = { count: 0, over: false }
    const countTurns = () => {
      turns.count++
      return turns.over || setImmediate(countTurns)
    }
    setImmediate(countTurns)
    const ch = channel<number>()
    const echo = (async () => {
      for await (const _ of ch);
    })()
    for (let i = 0; i < 50_000; i++) await ch.send(i)
    ch.close()
    await echo
    turns.over = true
    await settle()
    expect(turns.count).toBeLessThan(10_000)
  })

  test('what waits for its turn is told though the program only waits for it', async () => {
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
      busyFor(1.2)
      for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
      expect(await full(round).receive()).toEqual({ value: round, ok: true })
      expect(await select([full(round)])).toEqual({ case: 0, value: round, ok: true })
    }
  })
})
