// Locks, groups and what else waits in a line: named in reports, with who holds them and the cycle.

import { describe, expect, test } from 'vitest'
import { background, channel, go, group, sleep } from 'chansel'
import { Cond, Mutex, Once, RWMutex, Semaphore, WaitGroup } from 'chansel/sync'
import { type DeadlockError, type Simulation, simulate, snapshot } from 'chansel/testing'
import { expectPending, rejectionOf } from '../support/pending.ts'

async function deadlockOf(body: (t: Simulation) => unknown): Promise<DeadlockError> {
  return (await rejectionOf(simulate(body))) as DeadlockError
}

/** `task: operation thing (state)` for each operation that waits. */
function lines({ waiting }: Pick<DeadlockError, 'waiting'>): string[] {
  return waiting.map(({ task, operation, channel, state }) =>
    `${task}: ${operation} ${channel} ${state && `(${state})`}`.trim(),
  )
}

describe('R8 a report on locks', () => {
  test('names the holders of two mutexes that are taken in two orders, and the cycle', async () => {
    const error = await deadlockOf(async (t) => {
      const [a, b] = [new Mutex(), new Mutex()]
      const take = (first: Mutex, second: Mutex) => async () => {
        using _ = await first.lock()
        await sleep(1)
        using __ = await second.lock()
      }
      void t.go('left', take(a, b))
      void t.go('right', take(b, a))
    })
    expect(lines(error)).toEqual([
      'left: lock Mutex #2 (held by right)',
      'right: lock Mutex #1 (held by left)',
    ])
    expect(error.cycle).toEqual(['left', 'Mutex #2', 'right', 'Mutex #1', 'left'])
    expect(error.message).toContain('cycle: left → Mutex #2 → right → Mutex #1 → left')
  })

  test('calls a lock by its name if it has one, and follows it from holder to holder', async () => {
    const error = await deadlockOf(async (t) => {
      const mu = Object.assign(new Mutex(), { name: 'accounts' })
      const stuck = channel<void>()
      const first = await mu.lock()
      void t.go('second', async () => {
        await mu.lock()
        await stuck.receive()
      })
      void t.go('third', () => mu.lock())
      await t.settled()
      first.release()
    })
    expect(lines(error)).toContain('third: lock accounts (held by second)')
  })

  test('tells whose permit it was that another task gave back', async () => {
    const error = await deadlockOf(async (t) => {
      const permits = new Semaphore(2)
      const guard = await permits.acquire()
      await t.go('keeps', async () => {
        await permits.acquire()
        guard.release()
      })
      await permits.acquire(2)
    })
    expect(lines(error)).toEqual(['main: acquire Semaphore #1 (1 of 2 free, held by keeps, which ended)'])
  })

  test('shows a semaphore that is exhausted by the one who waits for it', async () => {
    const error = await deadlockOf(async (t) => {
      const permits = new Semaphore(2)
      await t.go('greedy', async () => {
        await permits.acquire(2)
        await permits.acquire()
      })
    })
    expect(lines(error)).toContain('greedy: acquire Semaphore #1 (0 of 2 free, held by greedy)')
    expect(error.cycle).toEqual(['greedy', 'Semaphore #1', 'greedy'])
  })

  test('shows who reads twice, with a writer in between', async () => {
    const error = await deadlockOf(async (t) => {
      const mu = new RWMutex()
      void t.go('reader', async () => {
        using _ = await mu.rlock()
        await sleep(1)
        using __ = await mu.rlock()
      })
      void t.go('writer', () => mu.lock())
    })
    expect(lines(error)).toEqual([
      'reader: rlock RWMutex #1 (held by reader)',
      'writer: lock RWMutex #1 (held by reader)',
    ])
    expect(error.cycle).toEqual(['reader', 'RWMutex #1', 'reader'])
  })

  test('shows a wait group that nobody finishes, and who runs for it', async () => {
    const error = await deadlockOf(async (t) => {
      const never = channel<void>(0, { name: 'never' })
      const [empty, busy] = [new WaitGroup(), new WaitGroup()]
      empty.add(1)
      busy.go(async function fetchPage() {
        await never.receive()
      })
      void t.go('counts', () => empty.wait())
      void t.go('joins', () => busy.wait())
    })
    expect(lines(error)).toEqual(
      [
        'counts: wait WaitGroup #1',
        'joins: wait WaitGroup #2 (running fetchPage)',
        'fetchPage: receive never (unbuffered)',
      ].sort((a, b) => order(a) - order(b)),
    )
    function order(line: string): number {
      return ['fetchPage', 'counts', 'joins'].findIndex((task) => line.startsWith(task))
    }
  })

  test('shows a condition that nobody signals, and a mutex that is not given back', async () => {
    const error = await deadlockOf(async (t) => {
      const mu = new Mutex()
      const [asleep, woken] = [new Cond(mu), new Cond(mu)]
      const waitsFor = (cond: Cond) => async () => {
        using _ = await mu.lock()
        await cond.wait()
      }
      void t.go('asleep', waitsFor(asleep))
      void t.go('woken', waitsFor(woken))
      await t.settled()
      void t.go('holds', async () => {
        await mu.lock()
        woken.signal()
        await channel<void>(0, { name: 'never' }).receive()
      })
    })
    expect(lines(error)).toEqual([
      'asleep: wait Cond #1',
      'woken: lock Mutex #1 (held by holds)',
      'holds: receive never (unbuffered)',
    ])
  })

  test('says that a condition gave its mutex away', async () => {
    const error = await deadlockOf(async (t) => {
      const mu = new Mutex()
      const cond = new Cond(mu)
      await t.go('waits', async () => {
        await mu.lock()
        void t.go('signals', async () => {
          await mu.lock()
          cond.signal()
        })
        await cond.wait()
      })
    })
    expect(lines(error)).toContain('waits: lock Mutex #1 (held by signals, which ended)')
  })

  test('shows a call that waits for its own end', async () => {
    const error = await deadlockOf(async (t) => {
      const once = new Once()
      const setUp = async (): Promise<void> => {
        await sleep(1)
        await once.do(setUp)
      }
      await t.go('starts', () => once.do(setUp))
    })
    expect(lines(error)).toContain('setUp: wait Once (running setUp)')
    expect(error.cycle).toEqual(['setUp', 'Once', 'setUp'])
  })
})

describe('R8 a report on groups', () => {
  test('tells its tasks apart, and shows the one that is stuck', async () => {
    const error = await deadlockOf(async () => {
      const never = channel<void>(0, { name: 'never' })
      await group(background(), (g) => {
        void g.go(() => sleep(1))
        void g.go(() => never.receive())
        for (let i = 0; i < 2; i++) void g.go(fetchPage)
        async function fetchPage(): Promise<void> {
          await never.receive()
        }
      })
    })
    expect(lines(error)).toEqual([
      'main: wait group (running group task 2, fetchPage, fetchPage 2)',
      'group task 2: receive never (unbuffered)',
      'fetchPage: receive never (unbuffered)',
      'fetchPage 2: receive never (unbuffered)',
    ])
  })

  test('shows a task that waits for a slot that it has itself', async () => {
    const error = await deadlockOf(() =>
      group(
        background(),
        async (g) => {
          await g.go(async function outer() {
            await g.go(async () => {})
          })
        },
        { limit: 1 },
      ),
    )
    expect(lines(error)).toContain('outer: go group (held by outer)')
    expect(error.cycle).toEqual(['outer', 'group', 'outer'])
  })
})

test('R8 a snapshot of a program that is not simulated names tasks, locks and holders', async () => {
  const mu = new Mutex()
  const done = channel<void>()
  const holder = go(async function holdsLock() {
    using _ = await mu.lock()
    await done.receive()
  })
  const waiter = go(async function wantsLock() {
    using _ = await mu.lock()
  })
  await expectPending(holder, waiter)
  const seen = snapshot().map(({ task, operation, channel, state }) => [task, operation, channel, state])
  expect(seen).toEqual([
    ['wantsLock', 'lock', expect.stringMatching(/^Mutex #\d+$/), 'held by holdsLock'],
    ['holdsLock', 'receive', 'channel', 'unbuffered'],
  ])
  done.close()
  await Promise.all([holder, waiter])
  expect(snapshot()).toEqual([])
})
