// Go: src/sync/mutex_test.go TestMutex — a held mutex cannot be tried, a free one can; ten tasks that lock a thousand
//   times each keep each other out.
// Go: src/sync/mutex_test.go TestMutexFairness — a task that locks again and again lets others in.
// Go: src/sync/rwmutex_test.go TestParallelReaders — readers hold the lock together.
// Go: src/sync/rwmutex_test.go TestRWMutex — what can be tried while readers or writers hold it; a writer is alone,
//   readers are not, however they mix.
import { expect, test } from 'vitest'
import { background, channel, group, yieldNow } from 'chansel'
import { Mutex, RWMutex } from 'chansel/sync'

test('TestMutex', async () => {
  const mu = new Mutex()
  const held = mu.tryLock()!
  expect(mu.tryLock()).toBeUndefined()
  held.release()
  let inside = 0
  await group(background(), (g) => {
    for (let task = 0; task < 10; task++) {
      void g.go(async () => {
        for (let i = 0; i < 1_000; i++) {
          if (i % 3 === 0) {
            mu.tryLock()?.release()
            continue
          }
          using _ = await mu.lock()
          expect(++inside).toBe(1)
          await Promise.resolve()
          inside--
        }
      })
    }
  })
  expect(mu.tryLock()).toBeDefined()
})

test('TestMutexFairness', async () => {
  const mu = new Mutex()
  let isOver = false
  await group(background(), async (g) => {
    void g.go(async () => {
      while (!isOver) {
        using _ = await mu.lock()
        await yieldNow()
      }
    })
    for (let i = 0; i < 10; i++) {
      await yieldNow()
      using _ = await mu.lock()
    }
    isOver = true
  })
})

test.each([1, 3, 4])('TestParallelReaders: %d readers', async (readers) => {
  const mu = new RWMutex()
  const locked = channel<void>()
  const unlock = channel<void>()
  await group(background(), async (g) => {
    for (let i = 0; i < readers; i++) {
      void g.go(async () => {
        using _ = await mu.rlock()
        await locked.send()
        await unlock.receive()
      })
    }
    for (let i = 0; i < readers; i++) await locked.receive()
    for (let i = 0; i < readers; i++) await unlock.send()
  })
})

test('TestRWMutex: trying', async () => {
  const mu = new RWMutex()
  const writer = await mu.lock()
  expect([mu.tryLock(), mu.tryRLock()]).toEqual([undefined, undefined])
  writer.release()
  const reader = mu.tryRLock()!
  const second = mu.tryRLock()!
  expect(mu.tryLock()).toBeUndefined()
  reader.release()
  second.release()
  mu.tryLock()!.release()
})

test.each([
  [1, 100],
  [3, 100],
  [10, 100],
])('TestRWMutex: %d readers, %d times', async (readers, times) => {
  const mu = new RWMutex()
  let activity = 0
  const read = async () => {
    for (let i = 0; i < times; i++) {
      using _ = await mu.rlock()
      expect(++activity).toBeLessThan(10_000)
      await Promise.resolve()
      activity--
    }
  }
  const write = async () => {
    for (let i = 0; i < times; i++) {
      using _ = await mu.lock()
      expect((activity += 10_000)).toBe(10_000)
      await Promise.resolve()
      activity -= 10_000
    }
  }
  await group(background(), (g) => {
    void g.go(write)
    for (let i = 0; i < readers; i++) void g.go(read)
    void g.go(write)
  })
  expect(activity).toBe(0)
})
