// Tasks are calls of async functions: the library neither knows nor needs to know which of them is running.

import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import {
  type Channel,
  background,
  channel,
  select,
  sendCase,
  sleep,
  trySelect,
  withCancel,
  yieldNow,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

test('J24 what follows an await runs in the async context of who awaits, whoever ended the wait', async () => {
  const clock = virtualClock()
  const storage = new AsyncLocalStorage<string>()
  const ch = channel<number>()
  const ctx = withCancel(background())
  const seen = new Map<string, string | undefined>()
  const waits: [string, () => Promise<unknown>][] = [
    ['receive', () => ch.receive()],
    ['select', () => select([ch])],
    ['next', () => ch[Symbol.asyncIterator]().next()],
    ['send', () => channel<number>().send(1, ctx)],
    ['done', () => ctx.done.receive()],
    ['sleep', () => sleep(5)],
  ]
  for (const [name, wait] of waits) {
    void storage.run(`task ${name}`, async () => {
      await wait().catch(() => {})
      seen.set(name, storage.getStore())
    })
  }
  storage.run('another task', () => {
    for (const value of [1, 2, 3]) ch.trySend(value)
    ctx.cancel()
    clock.advance(5)
  })
  await settle()
  expect(seen).toEqual(new Map(waits.map(([name]) => [name, `task ${name}`])))
})

test('J24 a wait may be begun in one task, awaited in another and cancelled from a third', async () => {
  const ch = channel<string>()
  const ctx = withCancel(background())
  const begun = await Promise.resolve({ received: ch.receive(), cancelled: ch.receive(ctx) })
  const awaiting = Promise.allSettled([begun.received, begun.cancelled])
  await Promise.resolve().then(() => ctx.cancel())
  await ch.send('served')
  expect(await awaiting).toMatchObject([
    { status: 'fulfilled', value: { value: 'served', ok: true } },
    { status: 'rejected', reason: { code: 'ERR_CANCELED' } },
  ])
})

/** Ten tasks that each add 1 to a sum, with an `await` between reading and writing it. */
async function addUp(lock: Channel<true> | undefined): Promise<number> {
  let sum = 0
  const add = async () => {
    await lock?.send(true)
    const read = sum
    await yieldNow()
    sum = read + 1
    await lock?.receive()
  }
  await Promise.all(Array.from({ length: 10 }, add))
  return sum
}

test('J23 a critical section with an await loses updates without a lock; a channel of capacity 1 is one', async () => {
  expect(await addUp(undefined)).toBe(1)
  expect(await addUp(channel<true>(1))).toBe(10)
})

test('J23 without an await there is nothing to lock: a section between two operations is one step', () => {
  const ch = channel<number>(1)
  ch.trySend(0)
  for (let i = 0; i < 10; i++) {
    const event = trySelect({ ch })
    expect(trySelect({ sent: sendCase(ch, event!.value! + 1) })).toEqual({ case: 'sent' })
  }
  expect(ch.tryReceive()).toEqual({ value: 10, ok: true })
})
