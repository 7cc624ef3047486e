// What Effect promises of its Semaphore and its Queue, said of `Semaphore` and `channel`: written anew from the behaviour
// that its tests describe, whose names these carry.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Channel, background, channel, withCancel, yieldNow } from 'chansel'
import { Semaphore } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

describe('Semaphore', () => {
  test('acquire is observable', async () => {
    const sem = new Semaphore(4)
    using _ = await sem.acquire(3)
    expect(sem.available).toBe(1)
  })

  test('should block acquisition', async () => {
    const sem = new Semaphore(1)
    const held = await sem.acquire()
    const waiting = sem.acquire()
    await expectPending(waiting)
    held.release()
    ;(await waiting).release()
    expect(sem.available).toBe(1)
  })

  test('M15 should allow acquire to be interruptible', async () => {
    const [sem, ctx] = [new Semaphore(1), withCancel(background())]
    const held = await sem.acquire()
    const waiting = rejectionOf(sem.acquire(1, ctx))
    ctx.cancel()
    expect(await waiting).toBe(ctx.err)
    held.release()
    expect(sem.available).toBe(1)
  })

  test('M15 interrupts should release acquired permits for subsequent acquires to advance', async () => {
    const [sem, ctx] = [new Semaphore(3), withCancel(background())]
    const held = await sem.acquire()
    const large = rejectionOf(sem.acquire(3, ctx))
    const small = sem.acquire(2)
    await expectPending(small)
    ctx.cancel()
    using _ = await small
    expect([await large, sem.available]).toEqual([ctx.err, 0])
    held.release()
  })

  test('M17 interrupted in the step of its permit: it has the permit, and gives it back', async () => {
    const [sem, ctx] = [new Semaphore(1), withCancel(background())]
    const held = await sem.acquire()
    const waiting = sem.acquire(1, ctx)
    held.release()
    ctx.cancel()
    ;(await waiting).release()
    expect(sem.available).toBe(1)
  })

  test('M17 M26 never deadlocks: whatever is asked for, held and given up, all permits come back', async () => {
    const claim = fc.record({
      weight: fc.nat(10),
      before: fc.nat(3),
      held: fc.nat(3),
      givesUp: fc.option(fc.nat(4)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { maxLength: 30 }), async (claims) => {
        const sem = new Semaphore(10)
        const turns = async (count: number) => {
          for (let i = 0; i < count; i++) await Promise.resolve()
        }
        const tasks = claims.map(async ({ weight, before, held, givesUp }) => {
          const ctx = withCancel(background())
          await turns(before)
          if (givesUp !== null) void turns(givesUp).then(() => ctx.cancel())
          try {
            using _ = await sem.acquire(weight, ctx)
            await turns(held)
          } catch (error) {
            expect(error).toBe(ctx.err)
          }
        })
        await Promise.all(tasks)
        expect(sem.available).toBe(10)
      }),
      { numRuns: 100 },
    )
  })
})

/** All that is there. */
function takeAll(ch: Channel<number>): number[] {
  const items = []
  for (let got = ch.tryReceive(); got?.ok; got = ch.tryReceive()) items.push(got.value)
  return items
}

describe('Queue', () => {
  test('C6 bounded offerAll waits until capacity is released', async () => {
    const queue = channel<number>(2)
    const offered = [1, 2, 3, 4].map((n) => queue.send(n))
    await expectPending(offered[2]!, offered[3]!)
    expect(takeAll(queue)).toEqual([1, 2, 3, 4])
    await Promise.all(offered)
  })

  test('R3 resuming a blocked producer does not enqueue its message twice', async () => {
    const queue = channel<number>(1)
    await queue.send(0)
    const producer = queue.send(1).then(() => queue.receive())
    expect([(await queue.receive()).value, (await producer).value]).toEqual([0, 1])
    expect(takeAll(queue)).toEqual([])
  })

  test('R3 zero-capacity take reserves the message before resuming the producer', async () => {
    const queue = channel<number>()
    const producer = queue.send(1).then(() => queue.receive())
    expect((await queue.receive()).value).toBe(1)
    await expectPending(producer)
    await queue.send(2)
    expect((await producer).value).toBe(2)
  })

  test('R4 resuming a producer that closes does not disturb the consumer', async () => {
    const queue = channel<number>(1)
    await queue.send(0)
    const producer = queue.send(1).then(() => queue.close())
    expect(await queue.receive()).toEqual({ value: 0, ok: true })
    await producer
    expect([await queue.receive(), (await queue.receive()).ok]).toEqual([{ value: 1, ok: true }, false])
  })

  test('C6 a resumed producer that offers again does not overfill it', async () => {
    const queue = channel<number>(2)
    for (const n of [0, 1]) await queue.send(n)
    void queue.send(2).then(() => queue.send(3))
    void queue.send(4)
    expect((await queue.receive()).value).toBe(0)
    for (let i = 0; i < 5; i++) {
      expect(queue.length).toBe(2)
      await Promise.resolve()
    }
    await settle()
    expect(takeAll(queue)).toEqual([1, 2, 4, 3])
  })

  test('offer dropping, offer sliding', () => {
    const dropping = channel<number>(2, { overflow: 'drop-newest' })
    const sliding = channel<number>(2, { overflow: 'drop-oldest' })
    for (const queue of [dropping, sliding])
      for (const n of [1, 2, 3, 4, 5]) expect(queue.trySend(n)).toBe(true)
    expect([takeAll(dropping), dropping.dropped]).toEqual([[1, 2], 3])
    expect([takeAll(sliding), sliding.dropped]).toEqual([[4, 5], 3])
  })

  test('R3 offerAll can be interrupted: what was not taken was not sent', async () => {
    const [queue, ctx] = [channel<number>(2), withCancel(background())]
    const offered = [1, 2, 3, 4].map((n) =>
      queue.send(n, ctx).then(
        () => n,
        () => null,
      ),
    )
    await yieldNow()
    ctx.cancel()
    expect([await Promise.all(offered), takeAll(queue)]).toEqual([
      [1, 2, null, null],
      [1, 2],
    ])
    await queue.send(5)
    expect(takeAll(queue)).toEqual([5])
  })

  test('R3 take can be interrupted without losing offers', async () => {
    const [queue, ctx] = [channel<number>(Infinity), withCancel(background())]
    const interrupted = rejectionOf(queue.receive(ctx))
    ctx.cancel()
    expect(await interrupted).toBe(ctx.err)
    const live = queue.receive()
    await queue.send(1)
    expect((await live).value).toBe(1)
  })

  test('C10 done completes takes', async () => {
    const queue = channel<number>(2)
    const taking = queue.receive()
    queue.close()
    expect((await taking).ok).toBe(false)
  })

  // Unlike Effect, whose end waits for blocked producers: as in Go they fail, and get their values back.
  test('C11 end with blocked producers: the buffer is drained, their values come back', async () => {
    const queue = channel<number>(2)
    for (const n of [1, 2]) await queue.send(n)
    const blocked = rejectionOf(queue.send(3))
    queue.close()
    expect(takeAll(queue)).toEqual([1, 2])
    expect(await blocked).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 3 })
  })

  test('C9 fail drains buffered values before failing takers', async () => {
    const queue = channel<number>(2)
    for (const n of [1, 2]) await queue.send(n)
    queue.close('boom')
    expect([(await queue.receive()).value, (await queue.receive()).value]).toEqual([1, 2])
    expect(await rejectionOf(queue.receive())).toBe('boom')
    expect(await rejectionOf(queue.send(6))).toMatchObject({
      code: 'ERR_CHANNEL_CLOSED',
      value: 6,
      cause: 'boom',
    })
  })
})
