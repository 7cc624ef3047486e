// Go: src/sync/cond_test.go TestCondSignal — each signal wakes one of those who wait, none wakes without.
// Go: src/sync/cond_test.go TestCondSignalGenerations — signals wake in the order in which tasks came to wait.
// Go: src/sync/cond_test.go TestCondBroadcast — a broadcast wakes all, over and over.
// Go: src/sync/cond_test.go TestRace — a value is changed by turns under the mutex, and each change is seen.
// Go: src/sync/cond_test.go TestCondSignalStealing — a signal is for who waited, not for who comes after it.
import { expect, test } from 'vitest'
import { background, channel, go, group } from 'chansel'
import { Cond, Mutex } from 'chansel/sync'
import { settle } from '../../support/pending.ts'

test('TestCondSignal', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  const n = 2
  const running = channel<boolean>(n)
  const awake = channel<boolean>(n)
  for (let i = 0; i < n; i++) {
    void go(async () => {
      using _ = await mu.lock()
      await running.send(true)
      await cond.wait()
      await awake.send(true)
    })
  }
  for (let i = 0; i < n; i++) await running.receive()
  for (let left = n; left > 0; left--) {
    await settle()
    expect(awake.tryReceive()).toBeUndefined()
    const guard = await mu.lock()
    cond.signal()
    guard.release()
    await awake.receive()
    expect(awake.tryReceive()).toBeUndefined()
  }
  cond.signal()
})

test('TestCondSignalGenerations', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  const n = 100
  const running = channel<boolean>(n)
  const awake = channel<number>(n)
  for (let i = 0; i < n; i++) {
    void go(async () => {
      using _ = await mu.lock()
      await running.send(true)
      await cond.wait()
      await awake.send(i)
    })
    if (i > 0) expect(await awake.receive()).toEqual({ value: i - 1, ok: true })
    await running.receive()
    using _ = await mu.lock()
    cond.signal()
  }
})

test('TestCondBroadcast', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  const n = 5
  const running = channel<number>(n)
  const awake = channel<number>(n)
  let isOver = false
  await group(background(), async (g) => {
    for (let i = 0; i < n; i++) {
      void g.go(async () => {
        using _ = await mu.lock()
        while (!isOver) {
          await running.send(i)
          await cond.wait()
          await awake.send(i)
        }
      })
    }
    for (let round = 0; round < n; round++) {
      for (let i = 0; i < n; i++) await running.receive()
      if (round === n - 1) isOver = true
      expect(awake.tryReceive()).toBeUndefined()
      const guard = await mu.lock()
      cond.broadcast()
      guard.release()
      const seen = new Set<number>()
      for (let i = 0; i < n; i++) seen.add((await awake.receive()).value!)
      expect(seen.size).toBe(n)
    }
  })
})

test('TestRace', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  let x = 0
  await group(background(), (g) => {
    void g.go(async () => {
      using _ = await mu.lock()
      x = 1
      await cond.wait()
      expect(x).toBe(2)
      x = 3
      cond.signal()
    })
    void g.go(async () => {
      for (;;) {
        using _ = await mu.lock()
        if (x !== 1) continue
        x = 2
        cond.signal()
        return
      }
    })
    void g.go(async () => {
      for (;;) {
        using _ = await mu.lock()
        if (x === 2) {
          await cond.wait()
          expect(x).toBe(3)
          return
        }
        if (x === 3) return
      }
    })
  })
  expect(x).toBe(3)
})

test('TestCondSignalStealing', async () => {
  for (let round = 0; round < 100; round++) {
    const mu = new Mutex()
    const cond = new Cond(mu)
    let isOver = false
    const first = (async () => {
      using _ = await mu.lock()
      await cond.wait()
    })()
    await settle()
    await group(background(), async (g) => {
      // The second starts to wait after the signal for the first.
      const signalled = mu.lock().then((guard) => {
        cond.signal()
        guard.release()
      })
      void g.go(async () => {
        using _ = await mu.lock()
        while (!isOver) await cond.wait()
      })
      await signalled
      await first
      using _ = await mu.lock()
      isOver = true
      cond.broadcast()
    })
  }
})
