import { EventEmitter } from 'node:events'
import { afterFunc, background, channel, go, group, sleep, withCancel } from 'chansel'
import {
  fromEvents,
  fromReadableStream,
  fromSignal,
  fromWritableStream,
  toReadableStream,
  toWritableStream,
} from 'chansel/interop'
import {
  batch,
  broadcast,
  collect,
  debounce,
  fanOut,
  filter,
  forEach,
  from,
  map,
  merge,
  pipe,
  route,
  scan,
  skip,
  take,
  throttle,
  zip,
} from 'chansel/pipeline'
import { Cond, Mutex, Once, RWMutex, Semaphore, SingleFlight, WaitGroup, onceValue } from 'chansel/sync'
import { fromTsChan, toTsChan } from 'chansel/ts-chan'
import { Chan, Select, recv } from 'ts-chan'
import { expect } from 'vitest'
import type { Rows } from './row.ts'

const p = background()
const ctx = withCancel(p)
const failing = (text: string) => async (): Promise<never> => {
  throw new Error(text)
}

export const rows: Rows = {
  '`await forEach(in, f, ctx)`': async () => {
    let sum = 0
    await forEach([1, 2], (n) => void (sum += n), ctx)
    expect(sum).toBe(3)
  },
  '`from(seq, ctx)`': async () => {
    const seq = [1, 2]
    expect(await collect(from(seq, ctx))).toEqual([1, 2])
  },
  '`map(in, f, {}, ctx)`, `filter`, `scan`': async () => {
    const even = filter(
      map([1, 2, 3], (n) => n + 1, {}, ctx),
      (n) => n % 2 === 0,
    )
    expect(await collect(scan(even, (sum, n) => sum + n, 0))).toEqual([2, 6])
  },
  '`map(in, f, { concurrency: n }, ctx)`': async () => {
    expect(await collect(map([3, 1, 2], async (n) => n, { concurrency: 2 }, ctx))).toEqual([3, 1, 2])
  },
  '`fanOut(in, n, ctx)`, `merge(ins, ctx)`': async () => {
    const ins = fanOut([1, 2, 3, 4], 2, ctx)
    expect(new Set(await collect(merge(ins, ctx)))).toEqual(new Set([1, 2, 3, 4]))
  },
  '`zip(ins, ctx)`': async () => {
    const ins = [
      [1, 2],
      ['a', 'b'],
    ] as const
    expect(await collect(zip(ins, ctx))).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  },
  '`skip(in, n, ctx)`': async () => {
    expect(await collect(skip([1, 2, 3], 2, ctx))).toEqual([3])
  },
  '`take(in, n, ctx)`, `break` in a `for await`': async () => {
    const seen: number[] = []
    for await (const n of take([1, 2, 3], 2, ctx)) {
      seen.push(n)
      break
    }
    expect(seen).toEqual([1])
  },
  '`await collect(in, ctx)`': async () => {
    expect(await collect([1, 2], ctx)).toEqual([1, 2])
  },
  '`batch(in, { size, ms })`, `debounce`, `throttle`': async () => {
    expect(await collect(batch([1, 2, 3], { size: 2, ms: 60_000 }))).toEqual([[1, 2], [3]])
    expect(await collect(debounce([1, 2], 1))).toEqual([2])
    expect(await collect(take(throttle([1, 2], 1), 1))).toEqual([1])
  },
  '`broadcast(in)`, `route(in, keyOf)`': async () => {
    const numbers = channel<number>()
    const all = collect(broadcast(numbers).subscribe())
    const words = channel<string>()
    const a = collect(route(words, (word) => word[0]).subscribe('a'))
    await numbers.send(1)
    for (const word of ['apple', 'bear']) await words.send(word)
    numbers.close()
    words.close()
    expect([await all, await a]).toEqual([[1], ['apple']])
  },
  '`pipe(in, f, g, h)`': async () => {
    const double = (s: AsyncIterable<number>) => map(s, (n) => 2 * n)
    const even = pipe([1, 2], from, double, double)
    expect(await collect(even)).toEqual([4, 8])
  },
  '`fromReadableStream`, `toWritableStream` …': async () => {
    const ch = channel<number>(2)
    await new ReadableStream<number>({
      start: (controller) => (controller.enqueue(1), controller.close()),
    }).pipeTo(toWritableStream(ch))
    expect(await collect(ch)).toEqual([1])
    const stream = new ReadableStream<number>({ start: (controller) => controller.close() })
    expect(await collect(fromReadableStream(stream))).toEqual([])
  },
  '`fromReadableStream(stream, {}, ctx)`': async () => {
    const stream = new Response('page').body!
    const [chunk] = await collect(fromReadableStream(stream, {}, ctx))
    expect(new TextDecoder().decode(chunk)).toBe('page')
  },
  '`fromWritableStream(stream, {}, ctx)`': async () => {
    const written: number[] = []
    const stream = new WritableStream<number>({ write: (n) => void written.push(n) })
    await fromWritableStream(stream, {}, ctx).send(1)
    expect(written).toEqual([1])
  },
  '`toReadableStream(ch)`, `toWritableStream(ch)`': async () => {
    const [source, target] = [channel<number>(1), channel<number>(1)]
    source.trySend(1)
    source.close()
    await toReadableStream(source).pipeTo(toWritableStream(target))
    expect(await collect(target)).toEqual([1])
  },
  '`fromSignal(signal)`': async () => {
    expect(fromSignal(AbortSignal.abort()).err?.name).toBe('CanceledError')
  },
  '`fromTsChan(chan)`, `toTsChan(ch)`': async () => {
    const [chan, ch] = [new Chan<number>(1), channel<number>(1)]
    chan.trySend(1)
    ch.trySend(2)
    const theirs = recv(toTsChan(ch))
    const choice = new Select([theirs])
    await choice.wait()
    expect([fromTsChan(chan).tryReceive()?.value, choice.recv(theirs).value]).toEqual([1, 2])
  },
  "`fromEvents(process, 'SIGINT')`": async () => {
    const process = new EventEmitter()
    using signals = fromEvents(process, 'SIGINT')
    process.emit('SIGINT', 'SIGINT')
    expect((await signals.receive()).value).toBe('SIGINT')
  },
  "`using ctx = withCancel(p)`, `process.once('SIGINT', ctx.cancel)`, `afterFunc(ctx, () => process.off('SIGINT', ctx.cancel))`":
    async () => {
      const process = new EventEmitter()
      using ctx = withCancel(p)
      process.once('SIGINT', ctx.cancel)
      process.emit('SIGINT', 'SIGINT')
      expect([ctx.err?.name, ctx.cause]).toEqual(['CanceledError', 'SIGINT'])
      const other = withCancel(p)
      process.once('SIGINT', other.cancel)
      const off = channel<void>(1)
      afterFunc(other, () => {
        process.off('SIGINT', other.cancel)
        off.trySend()
      })
      other.cancel()
      await off.receive()
      expect(process.listenerCount('SIGINT')).toBe(0)
    },
  '`void go(f)`': async () => {
    const ran = channel<string>()
    void go(() => ran.send('ran'))
    expect((await ran.receive()).value).toBe('ran')
  },
  '`await group(p, async (g) => { void g.go(f) })`': async () => {
    let ran = 0
    await group(p, async (g) => {
      for (let i = 0; i < 3; i++) void g.go(async () => ran++)
    })
    expect(ran).toBe(3)
  },
  '`await group(ctx, async (g) => { … })`': async () => {
    await expect(group(ctx, async (g) => void g.go(failing('a')))).rejects.toThrow('a')
  },
  '`group(p, body, { limit: n })`, `g.tryGo(f)`': async () => {
    await group(
      p,
      async (g) => {
        const first = g.go(() => sleep(1))
        await first.started
        expect(g.tryGo(async () => 1)).toBe(undefined)
      },
      { limit: 1 },
    )
  },
  "`group(p, body, { errors: 'all' })`": async () => {
    const body = group(p, async (g) => void (g.go(failing('a')), g.go(failing('b'))), { errors: 'all' })
    const error: AggregateError = await body.catch((reason) => reason)
    expect(error.errors.map(({ message }) => message)).toEqual(['a', 'b'])
  },
  '`using _ = await mu.lock(ctx)`': async () => {
    const mu = new Mutex()
    {
      using _ = await mu.lock(ctx)
      expect(mu.tryLock()).toBe(undefined)
    }
    expect(mu.tryLock()).toBeDefined()
  },
  '`const mu = new Mutex()`, `using _ = await mu.lock(ctx)`': async () => {
    const mu = new Mutex()
    using guard = await mu.lock(ctx)
    guard.release()
    expect(mu.tryLock()).toBeDefined()
  },
  '`using _ = await mu.lock()`': async () => {
    const mu = new Mutex()
    using _ = await mu.lock()
    expect(mu.tryLock()).toBe(undefined)
  },
  '`RWMutex`: `lock`, `rlock`, `tryLock`, `tryRLock`': async () => {
    const mu = new RWMutex()
    const readers = [await mu.rlock(), mu.tryRLock()]
    expect([readers.every(Boolean), mu.tryLock()]).toEqual([true, undefined])
    for (const reader of readers) reader?.release()
    using writer = await mu.lock()
    expect([writer !== undefined, mu.tryRLock()]).toEqual([true, undefined])
  },
  '`new Semaphore(n)`, `using _ = await s.acquire(w, ctx)`': async () => {
    const s = new Semaphore(3)
    using _ = await s.acquire(2, ctx)
    expect(s.available).toBe(1)
    expect(() => s.acquire(4)).toThrow(RangeError)
  },
  '`WaitGroup`: `add`, `done`, `go`, `wait(ctx)`': async () => {
    const all = new WaitGroup()
    let ran = false
    all.add(1)
    all.go(async () => {
      ran = true
    })
    all.done()
    await all.wait(ctx)
    expect(ran).toBe(true)
  },
  '`Once`, `onceValue(f)`': async () => {
    const once = new Once()
    let calls = 0
    await Promise.all([once.do(() => void calls++), once.do(() => void calls++)])
    const value = onceValue(async () => ++calls)
    expect([await value(), await value(), calls]).toEqual([2, 2, 2])
  },
  '`new Cond(mu)`: `wait(ctx)`, `signal`, `broadcast`': async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    let woken = 0
    const wait = async (): Promise<void> => {
      using _ = await mu.lock()
      await cond.wait(ctx)
      woken++
    }
    const waits = [wait(), wait(), wait()]
    await sleep(1)
    cond.signal()
    cond.broadcast()
    await Promise.all(waits)
    expect(woken).toBe(3)
  },
  '`new SingleFlight<K, V>()`: `do(k, f, ctx)`, `forget(k)`': async () => {
    const flights = new SingleFlight<string, number>()
    let calls = 0
    const load = () => flights.do('k', async () => ++calls, ctx)
    const together = [load(), load()]
    flights.forget('k')
    const values = await Promise.all([...together, load()])
    expect(values.map(({ value }) => value)).toEqual([1, 1, 2])
  },
  '`new Map()`, a `let`': async () => {
    const counts = new Map<string, number>()
    let total = 0
    const count = async (key: string): Promise<void> => {
      await sleep(0)
      counts.set(key, (counts.get(key) ?? 0) + 1)
      total++
    }
    await Promise.all(['a', 'b', 'a'].map(count))
    expect([counts.get('a'), counts.get('b'), total]).toEqual([2, 1, 3])
  },
  '`using`, or `try { … } finally { f() }`': async () => {
    const done: string[] = []
    const later = (name: string): Disposable => ({ [Symbol.dispose]: () => void done.push(name) })
    const f = (): void => void done.push('finally')
    try {
      using _first = later('first')
      using _second = later('second')
    } finally {
      f()
    }
    expect(done).toEqual(['second', 'first', 'finally'])
  },
  '`try { … } catch (error) { … }`': async () => {
    const caught: unknown[] = []
    try {
      await group(ctx, async (g) => {
        void g.go(() => Promise.reject(new Error('panic')))
      })
    } catch (error) {
      caught.push((error as Error).message)
    }
    expect(caught).toEqual(['panic'])
  },
}
