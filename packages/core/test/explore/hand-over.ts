import { channel, select, sleep, withCancel } from 'chansel'
import { broadcast, collect } from 'chansel/pipeline'
import { Cond, Mutex, Once, RWMutex, Semaphore, SingleFlight, WaitGroup, onceValue } from 'chansel/sync'
import type { ExploreOptions } from 'chansel/testing'
import { expectSame } from '../support/expect-same.ts'
import type { SmallProgram } from './programs.ts'

const EVERY: ExploreOptions = { strategy: 'dfs' }
const SOME: ExploreOptions = { delays: 2 }

const reasonOf = (waiting: Promise<unknown>): Promise<unknown> =>
  waiting.then(
    () => 'resolved',
    (error: unknown) => (error as Error).name,
  )
const CANCELED = 'CanceledError'

/** Who has a lock, and who goes on waiting, in the step of a release, a signal or a cancel. */
export const ofHandOvers: readonly SmallProgram[] = [
  {
    name: 'a mutex is never free between a release and the one who waits longest',
    search: EVERY,
    body: async (t) => {
      const mu = new Mutex()
      const guard = await mu.lock()
      const waits = t.go('waits', () => mu.lock())
      await t.settled()
      guard.release()
      expectSame(mu.tryLock(), undefined)
      ;(await waits).release()
    },
  },
  {
    name: 'a guard that is released twice lets in one',
    search: SOME,
    body: async (t) => {
      const mu = new Mutex()
      let inside = 0
      t.invariant(() => inside <= 1)
      const enter = async (): Promise<void> => {
        const guard = await mu.lock()
        inside++
        await sleep(1)
        inside--
        guard.release()
        guard.release()
      }
      await Promise.all(['a', 'b', 'c'].map((name) => t.go(name, enter)))
    },
  },
  {
    name: 'a guard that is released while a condition has it neither frees the mutex of another nor keeps it',
    search: EVERY,
    body: async (t) => {
      const mu = new Mutex()
      const changed = new Cond(mu)
      const guard = await mu.lock()
      const waits = t.go('waits', () => changed.wait())
      await t.settled()
      const other = mu.tryLock()!
      guard.release()
      expectSame(mu.tryLock(), undefined)
      changed.signal()
      other.release()
      await waits
      expectSame(mu.tryLock() === undefined, false)
    },
  },
  {
    name: 'a signal is enough while nobody has the mutex, and a broadcast reaches all',
    search: SOME,
    body: async (t) => {
      const mu = new Mutex()
      const changed = new Cond(mu)
      const wait = async (): Promise<void> => {
        using _ = await mu.lock()
        await changed.wait()
      }
      const first = t.go('first', wait)
      await t.settled()
      changed.signal()
      await first
      const others = ['second', 'third'].map((name) => t.go(name, wait))
      await t.settled()
      changed.broadcast()
      await Promise.all(others)
    },
  },
  {
    name: 'a cancel ends every wait for a lock, and what waits behind goes on waiting',
    search: SOME,
    body: async (t) => {
      const [mu, rw, changed] = [new Mutex(), new RWMutex(), new Cond(new Mutex())]
      const ctx = withCancel(t.ctx)
      const held = [await mu.lock(), await rw.lock(), await changed.mutex.lock()]
      const ends = [mu.lock(ctx), rw.lock(ctx), rw.rlock(ctx), changed.wait(ctx)].map(reasonOf)
      const later = t.go('later', () => rw.rlock())
      await t.settled()
      ctx.cancel()
      for (const end of ends) expectSame(await end, CANCELED)
      expectSame(rw.tryRLock(), undefined)
      for (const guard of held) guard.release()
      ;(await later).release()
      for (const lock of [mu, rw]) expectSame(lock.tryLock() === undefined, false)
    },
  },
  {
    name: 'a cancel that fired wins over a lock that is free',
    search: SOME,
    body: async (t) => {
      const ctx = withCancel(t.ctx)
      ctx.cancel()
      let runs = 0
      const run = (): void => void runs++
      const ends = [
        new Mutex().lock(ctx),
        new RWMutex().lock(ctx),
        new RWMutex().rlock(ctx),
        new Semaphore(1).acquire(1, ctx),
        new Once().do(run, ctx),
        new SingleFlight().do('k', run, ctx),
      ]
      for (const end of ends.map(reasonOf)) expectSame(await end, CANCELED)
      await t.settled()
      expectSame(runs, 0)
    },
  },
  {
    name: 'readers wait behind a writer that waits, and enter together before the next one',
    search: SOME,
    body: async (t) => {
      const rw = new RWMutex()
      const order: string[] = []
      const first = await rw.rlock()
      const lock = (kind: 'lock' | 'rlock'): Promise<void> =>
        t.go(kind, async () => {
          using _ = await rw[kind]()
          order.push(kind)
          await sleep(1)
        })
      const tasks = [lock('lock')]
      await t.settled()
      expectSame(rw.tryRLock(), undefined)
      for (const kind of ['rlock', 'lock', 'rlock'] as const) {
        tasks.push(lock(kind))
        await t.settled()
      }
      first.release()
      await Promise.all(tasks)
      expectSame(order.join(), 'lock,rlock,rlock,lock')
    },
  },
  {
    name: 'readers stay out while a writer writes or waits, though another writer gave up',
    search: EVERY,
    body: async (t) => {
      for (const first of ['lock', 'rlock'] as const) {
        const rw = new RWMutex()
        const ctx = withCancel(t.ctx)
        const held = await rw[first]()
        const waits = first === 'rlock' ? t.go('writes', () => rw.lock()) : undefined
        await t.settled()
        const givesUp = reasonOf(rw.lock(ctx))
        let isIn = false
        const reads = t.go('reads', async () => {
          using _ = await rw.rlock()
          isIn = true
        })
        await t.settled()
        ctx.cancel()
        expectSame(await givesUp, CANCELED)
        await t.settled()
        expectSame(isIn, false)
        held.release()
        ;(await waits)?.release()
        await reads
      }
    },
  },
  {
    name: 'a cancel that ends a writer lets no reader in that it ends, too',
    search: EVERY,
    body: async (t) => {
      const rw = new RWMutex()
      const ctx = withCancel(t.ctx)
      const held = await rw.rlock()
      const ends = [rw.lock(ctx), rw.rlock(ctx)].map(reasonOf)
      await t.settled()
      ctx.cancel()
      for (const end of ends) expectSame(await end, CANCELED)
      held.release()
      expectSame(rw.tryLock() === undefined, false)
    },
  },
  {
    name: 'a large claim is not overtaken, and a release serves all who fit',
    search: SOME,
    body: async (t) => {
      const permits = new Semaphore(2)
      const order: number[] = []
      const first = await permits.acquire(1)
      const claim = (weight: number): Promise<void> =>
        t.go(`claims ${weight}`, async () => {
          const guard = await permits.acquire(weight)
          order.push(weight)
          await sleep(1)
          guard.release()
          guard.release()
        })
      const claims = [claim(2)]
      for (const weight of [1, 1]) {
        await t.settled()
        claims.push(claim(weight))
      }
      await t.settled()
      expectSame(permits.tryAcquire(1), undefined)
      first.release()
      await t.settled()
      await sleep(1)
      expectSame(permits.available, 0)
      await Promise.all(claims)
      expectSame(order.join(), '2,1,1')
      expectSame(permits.available, 2)
    },
  },
  {
    name: 'what a release brings is kept for the one who waits longest, however much that asks for',
    search: EVERY,
    body: async (t) => {
      const permits = new Semaphore(3)
      const held = [await permits.acquire(2), await permits.acquire(1)]
      const large = t.go('large', () => permits.acquire(3))
      await t.settled()
      const small = t.go('small', () => permits.acquire(1))
      await t.settled()
      held[0]!.release()
      expectSame(permits.available, 2)
      held[1]!.release()
      expectSame(permits.available, 0)
      ;(await large).release()
      ;(await small).release()
    },
  },
  {
    name: 'who waits behind a claim that was given up is served, unless the same cancel ends it',
    search: EVERY,
    body: async (t) => {
      const permits = new Semaphore(2)
      const ctx = withCancel(t.ctx)
      const held = await permits.acquire(1)
      const large = reasonOf(permits.acquire(2, ctx))
      const doomed = reasonOf(permits.acquire(1, ctx))
      const small = t.go('small', () => permits.acquire(1))
      await t.settled()
      ctx.cancel()
      expectSame(await large, CANCELED)
      expectSame(await doomed, CANCELED)
      ;(await small).release()
      held.release()
      expectSame(permits.available, 2)
    },
  },
  {
    name: 'a failure of what runs once is told as each of them says',
    search: SOME,
    body: async (t) => {
      const failing = async (): Promise<never> => {
        await sleep(1)
        throw new TypeError('broken')
      }
      const once = new Once()
      const first = t.go('first', () => reasonOf(once.do(failing)))
      await t.settled()
      const second = t.go('second', () => reasonOf(once.do(failing)))
      expectSame(
        [await first, await second, await reasonOf(once.do(failing))].join(),
        'TypeError,resolved,resolved',
      )
      const value = onceValue(failing)
      const both = ['a', 'b'].map((name) => t.go(name, () => reasonOf(value())))
      expectSame(
        [...(await Promise.all(both)), await reasonOf(value())].join(),
        'TypeError,TypeError,TypeError',
      )
    },
  },
  {
    name: 'a value is made once for all who ask for it, whoever gives up',
    search: { delays: 2, cancelAt: 'every-step' },
    body: async (t) => {
      let made = 0
      const value = onceValue(async () => {
        await sleep(1)
        return ++made
      })
      const hasty = t.go('hasty', () => reasonOf(value(t.ctx)))
      const patient = ['a', 'b'].map((name) => t.go(name, () => value()))
      expectSame((await Promise.all(patient)).join(), '1,1')
      t.log(String(await hasty))
      expectSame(await value(), 1)
    },
    outcomes: ['resolved', CANCELED],
  },
  {
    name: 'a flight that is forgotten lands beside the next one, and says who shared it',
    search: SOME,
    body: async (t) => {
      const flights = new SingleFlight<string, number>()
      let started = 0
      const fly = async (): Promise<number> => {
        const flight = ++started
        await sleep(flight)
        return flight
      }
      const first = flights.do('k', fly)
      await t.settled()
      flights.forget('k')
      const second = flights.do('k', fly)
      await t.settled()
      expectSame((await first).value, 1)
      const third = flights.do('k', fly)
      for (const one of [second, third]) {
        const { value, shared } = await one
        expectSame(value, 2)
        expectSame(shared, true)
      }
      const { value, shared } = await flights.do('k', fly)
      expectSame([value, shared].join(), '3,false')
    },
  },
  {
    name: 'what a wait group or a once runs does not run inside the call',
    search: EVERY,
    body: async (t) => {
      const [tasks, once] = [new WaitGroup(), new Once()]
      let ran = 0
      tasks.go(() => ran++)
      const done = once.do(() => ran++)
      expectSame(ran, 0)
      await Promise.all([tasks.wait(), done])
      await t.settled()
      expectSame(ran, 2)
    },
  },
  {
    name: 'every subscriber of a broadcast has each value, and one that leaves holds up nobody',
    search: SOME,
    body: async (t) => {
      const numbers = channel<number>()
      const all = broadcast(numbers)
      const stays = all.subscribe()
      const leaves = all.subscribe()
      const sends = t.go('sends', async () => {
        for (const n of [1, 2, 3]) await numbers.send(n)
        numbers.close()
      })
      const seen = t.go('stays', () => collect(stays))
      const left = t.go('leaves', async () => {
        for await (const n of leaves) return n
        return undefined
      })
      expectSame(await left, 1)
      expectSame((await seen).join(), '1,2,3')
      await sends
    },
  },
  {
    name: 'who subscribes late has what is taken from then on, and the end',
    search: SOME,
    body: async (t) => {
      const numbers = channel<number>(2)
      const all = broadcast(numbers)
      const early = t.go('early', () => collect(all.subscribe()))
      await numbers.send(1)
      await t.settled()
      const late = t.go('late', () => collect(all.subscribe()))
      await t.settled()
      await numbers.send(2)
      numbers.close()
      expectSame((await early).join(), '1,2')
      expectSame((await late).join(), '2')
      const event = await select({ over: all.subscribe() })
      expectSame(event.ok, false)
    },
  },
]
