// What kotlinx.coroutines promises of channels that overflow, of values that reach nobody and of shared flows, said of
// `channel` and `broadcast`: written anew from the behaviour that its tests describe, whose names these carry.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClosedChannelError, background, channel, withCancel } from 'chansel'
import { broadcast, forEach } from 'chansel/pipeline'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

describe('ChannelBufferOverflowTest', () => {
  test('K2 testDropLatest', async () => {
    const c = channel<number>(2, { overflow: 'drop-newest' })
    expect([c.trySend(1), c.trySend(2), c.trySend(3)]).toEqual([true, true, true])
    await c.send(4)
    expect((await c.receive()).value).toBe(1)
    expect([c.trySend(5), c.trySend(6)]).toEqual([true, true])
    expect([(await c.receive()).value, (await c.receive()).value, c.tryReceive()]).toEqual([2, 5, undefined])
    expect(c.dropped).toBe(3)
  })

  test('K2 testDropOldest', async () => {
    const c = channel<number>(2, { overflow: 'drop-oldest' })
    expect([c.trySend(1), c.trySend(2), c.trySend(3)]).toEqual([true, true, true])
    await c.send(4)
    expect((await c.receive()).value).toBe(3)
    expect([c.trySend(5), c.trySend(6)]).toEqual([true, true])
    expect([(await c.receive()).value, (await c.receive()).value, c.tryReceive()]).toEqual([5, 6, undefined])
    expect(c.dropped).toBe(3)
  })
})

describe('ConflatedChannelTest', () => {
  const conflated = () => channel<number>(1, { overflow: 'drop-oldest' })

  test('B14 testBasicConflationOfferTryReceive', () => {
    const q = conflated()
    expect(q.tryReceive()).toBe(undefined)
    for (const n of [1, 2, 3]) expect(q.trySend(n)).toBe(true)
    expect([q.tryReceive()?.value, q.tryReceive()]).toEqual([3, undefined])
  })

  test('K3 testConflatedClose: the last value stays', async () => {
    const q = conflated()
    await q.send(1)
    q.close()
    expect([q.closed, (await q.receive()).value, (await q.receive()).ok]).toEqual([true, 1, false])
  })

  test('K1 testConflationSendReceive: who waits gets the next, and nothing replaces that', async () => {
    const q = conflated()
    await q.send(1)
    await q.send(2)
    expect((await q.receive()).value).toBe(2)
    const waiting = q.receive()
    for (const n of [3, 4, 5, 6]) await q.send(n)
    expect([(await waiting).value, (await q.receive()).value]).toEqual([3, 6])
  })
})

describe('ChannelUndeliveredElementTest: what reached nobody is with its sender', () => {
  test('testRendezvousSendCancelled', async () => {
    const [c, ctx] = [channel<object>(), withCancel(background())]
    const sent = rejectionOf(c.send({}, ctx))
    ctx.cancel()
    expect([await sent, c.tryReceive()]).toEqual([ctx.err, undefined])
  })

  test('testBufferedSendCancelled: what is in the buffer stays there', async () => {
    const [c, ctx] = [channel<string>(1), withCancel(background())]
    await c.send('a', ctx)
    const second = rejectionOf(c.send('b', ctx))
    ctx.cancel()
    expect([await second, c.tryReceive()?.value, c.tryReceive()]).toEqual([ctx.err, 'a', undefined])
  })

  test.each([
    { kind: 'rendezvous', make: () => channel<object>() },
    { kind: 'buffered', make: () => channel<object>(1) },
    { kind: 'unlimited', make: () => channel<object>(Infinity) },
    { kind: 'conflated', make: () => channel<object>(1, { overflow: 'drop-oldest' }) },
  ])('testSendToClosedChannel: $kind', async ({ make }) => {
    const [c, value] = [make(), {}]
    c.close()
    const error = await rejectionOf(c.send(value))
    expect(error).toBeInstanceOf(ClosedChannelError)
    expect((error as ClosedChannelError).value).toBe(value)
  })

  test('K6 ChannelCancelUndeliveredElementStressTest: sent is received, dropped, left or returned', async () => {
    const overflows = ['wait', 'drop-oldest', 'drop-newest'] as const
    const steps = fc.array(fc.constantFrom('send', 'receive', 'cancel a send', 'cancel a receive'), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(...overflows),
        fc.integer({ min: 1, max: 3 }),
        async (program, overflow, capacity) => {
          const c = channel<number>(capacity, { overflow })
          const [received, returned]: number[][] = [[], []]
          const [sends, receives]: ReturnType<typeof withCancel>[][] = [[], []]
          let sent = 0
          for (const step of program) {
            const ctx = withCancel(background())
            if (step === 'send') {
              const value = sent++
              sends!.push(ctx)
              c.send(value, ctx).catch(() => returned!.push(value))
            } else if (step === 'receive') {
              receives!.push(ctx)
              c.receive(ctx).then(
                ({ value }) => received!.push(value!),
                () => {},
              )
            } else if (step === 'cancel a send') sends!.shift()?.cancel()
            else receives!.shift()?.cancel()
          }
          for (const ctx of [...sends!, ...receives!]) ctx.cancel()
          await settle()
          expect(received!.length + returned!.length + c.dropped + c.length).toBe(sent)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('SharedFlowTest', () => {
  test('B12 testRendezvousSharedFlowBasic: each value to those who are there', async () => {
    const emitted = channel<number | null>()
    const shared = broadcast(emitted, { idle: 'drop' })
    await emitted.send(1)
    const [one, two]: (number | null)[][] = [[], []]
    const first = shared.subscribe()
    const all = [forEach(first, (n) => void one!.push(n))]
    for (const n of [4, 6]) await emitted.send(n)
    const second = shared.subscribe()
    all.push(forEach(second, (n) => void two!.push(n)))
    for (const n of [10, 13]) await emitted.send(n)
    await settle()
    first[Symbol.dispose]()
    for (const n of [17, null, 21]) await emitted.send(n)
    await settle()
    second[Symbol.dispose]()
    await emitted.send(24)
    await Promise.all(all)
    expect([one, two]).toEqual([
      [4, 6, 10, 13],
      [10, 13, 17, null, 21],
    ])
  })

  test('B1 testRendezvousSharedFlowReset: the next waits until every collector is ready', async () => {
    const [emitted, barrier] = [channel<number>(), channel<void>()]
    const shared = broadcast(emitted)
    const seen: number[] = []
    using subscription = shared.subscribe()
    void forEach(subscription, async (n) => {
      seen.push(n)
      await barrier.receive()
    })
    await emitted.send(3)
    const sent = emitted.send(6)
    await expectPending(sent)
    expect(seen).toEqual([3])
    await barrier.send()
    await sent
    await settle()
    expect(seen).toEqual([3, 6])
    barrier.close()
  })

  test('B5 testBufferNoReplayCancelWhileBuffering: who leaves resumes the emitter', async () => {
    const n = 12
    const emitted = channel<number>()
    const shared = broadcast(emitted, { idle: 'drop' })
    for (let round = 0; round < 3; round++) {
      const slow = shared.subscribe({ capacity: n })
      for (let i = 0; i < n; i++) await emitted.send(i)
      const blocked = emitted.send(n)
      await expectPending(blocked)
      slow[Symbol.dispose]()
      await blocked
    }
  })

  test('B5 testSynchronousSharedFlowEmitterCancel: an emitter that gives up has sent nothing', async () => {
    const [emitted, ctx] = [channel<number>(), withCancel(background())]
    const shared = broadcast(emitted)
    const [fast, slow] = [shared.subscribe(), shared.subscribe()]
    const seen: number[] = []
    const all = forEach(fast, (n) => void seen.push(n))
    await emitted.send(1)
    const suspended = rejectionOf(emitted.send(2, ctx))
    await settle()
    ctx.cancel()
    expect(await suspended).toBe(ctx.err)
    slow[Symbol.dispose]()
    await emitted.send(3)
    emitted.close()
    await all
    expect(seen).toEqual([1, 3])
  })

  test('B14 StateFlow: a collector that is slow sees the latest, and no value twice', async () => {
    const state = channel<number>()
    const latest = broadcast(state).subscribe({ slow: 'drop-oldest', capacity: 1 })
    for (const n of [1, 2, 3]) await state.send(n)
    await settle()
    expect([latest.tryReceive()?.value, latest.tryReceive()]).toEqual([3, undefined])
    await state.send(4)
    await settle()
    expect(latest.tryReceive()?.value).toBe(4)
  })
})
