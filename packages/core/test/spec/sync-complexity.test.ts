import { afterAll, beforeAll, expect, test } from 'vitest'
import { background, group, withCancel } from 'chansel'
import { Cond, Mutex, RWMutex, Semaphore, SingleFlight, WaitGroup } from 'chansel/sync'
import { expectLinear } from '../support/cost.ts'
import { expectNothingLeft } from '../support/pending.ts'
import { Random } from '../support/random.ts'

expectNothingLeft()

const SLOW = 30_000

// Errors with a stack cost more than anything that is measured here.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

type Wait = (cancel: { signal: AbortSignal }) => Promise<unknown>

const lines: [string, () => Wait][] = [
  [
    'a mutex',
    () => {
      const mu = new Mutex()
      mu.tryLock()
      return (cancel) => mu.lock(cancel)
    },
  ],
  [
    'a semaphore',
    () => {
      const sem = new Semaphore(2)
      sem.tryAcquire(1)
      return (cancel) => sem.acquire(2, cancel)
    },
  ],
  [
    'writers of an RWMutex',
    () => {
      const mu = new RWMutex()
      mu.tryRLock()
      return (cancel) => mu.lock(cancel)
    },
  ],
  [
    'a wait group',
    () => {
      const wg = new WaitGroup()
      wg.add()
      return (cancel) => wg.wait(cancel)
    },
  ],
  [
    'a flight',
    () => {
      const flights = new SingleFlight<string, never>()
      return (cancel) => flights.do('key', () => new Promise(() => {}), cancel)
    },
  ],
]

test.each(lines)('M26 R7 who waits on %s leaves at O(1), from any place', { timeout: SLOW }, (_, begin) =>
  expectLinear(2_000, async (n) => {
    const wait = begin()
    const contexts = Array.from({ length: n }, () => withCancel(background()))
    const waits = contexts.map((ctx) => wait(ctx).catch(() => 'cancelled'))
    // Every second one first: whoever leaves has others before and behind.
    for (let i = 1; i < n; i += 2) contexts[i]!.cancel()
    for (let i = n - (n % 2); i >= 0; i -= 2) contexts[i]?.cancel()
    await Promise.all(waits)
  }),
)

test(
  'M26 100,000 tasks that wait on one mutex are cancelled in random order',
  { timeout: SLOW },
  async () => {
    const n = 100_000
    const mu = new Mutex()
    const first = mu.tryLock()!
    const contexts = Array.from({ length: n }, () => withCancel(background()))
    let cancelled = 0
    const waits = contexts.map((ctx) => mu.lock(ctx).catch(() => void cancelled++))
    const random = new Random(7)
    for (let i = n - 1; i > 0; i--) {
      const j = random.below(i + 1)
      ;[contexts[i], contexts[j]] = [contexts[j]!, contexts[i]!]
    }
    // A quadratic removal would walk 2.5 billion places: it does not end within the limit.
    for (const ctx of contexts) ctx.cancel()
    await Promise.all(waits)
    expect(cancelled).toBe(n)
    first.release()
    expect(mu.tryLock()).toBeDefined()
  },
)

test('M1 a mutex is handed through n tasks in O(n)', { timeout: SLOW }, () =>
  expectLinear(4_000, async (n) => {
    const mu = new Mutex()
    const first = mu.tryLock()!
    const tasks = Array.from({ length: n }, () => mu.lock().then((guard) => guard.release()))
    first.release()
    await Promise.all(tasks)
  }),
)

test('M12 n waits for a condition are woken in O(n)', { timeout: SLOW }, () =>
  expectLinear(2_000, async (n) => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const tasks = Array.from({ length: n }, async () => {
      const guard = await mu.lock()
      await cond.wait()
      guard.release()
    })
    const last = await mu.lock()
    cond.broadcast()
    last.release()
    await Promise.all(tasks)
  }),
)

test('G4 n tasks queue and run in O(n)', { timeout: SLOW }, () =>
  expectLinear(2_000, async (n) => {
    let ran = 0
    await group(
      background(),
      (g) => {
        for (let i = 0; i < n; i++) void g.go(() => void ran++)
      },
      { limit: 4 },
    )
    expect(ran).toBe(n)
  }),
)

test('G10 n failures are gathered in O(n)', { timeout: SLOW }, () =>
  expectLinear(2_000, async (n) => {
    const settled = group(
      background(),
      (g) => {
        for (let i = 0; i < n; i++) void g.go(() => Promise.reject({ i }))
      },
      { errors: 'all' },
    )
    expect(((await settled.catch((error: unknown) => error)) as AggregateError).errors).toHaveLength(n)
  }),
)
