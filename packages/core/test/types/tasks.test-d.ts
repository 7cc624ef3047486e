// What groups and locks may be given and what they give: the compiler is the test.

import { expectTypeOf } from 'vitest'
import { type Context, type Group, type Task, background, go, group } from 'chansel'
import { Cond, type Guard, Mutex, RWMutex, Semaphore, SingleFlight, onceValue } from 'chansel/sync'

expectTypeOf(group(background(), () => 1)).toEqualTypeOf<Promise<number>>()
expectTypeOf(group(background(), async (g: Group) => g.ctx)).toEqualTypeOf<Promise<Context>>()
expectTypeOf(go(async () => 'a')).toEqualTypeOf<Promise<string>>()
void group(background(), (g) => {
  expectTypeOf(g.go((ctx) => ctx.deadline)).toEqualTypeOf<Task<number | undefined>>()
  expectTypeOf(g.go(async () => 'a').started).toEqualTypeOf<Promise<void>>()
  expectTypeOf(g.tryGo(() => 1)).toEqualTypeOf<Task<number> | undefined>()
  // @ts-expect-error the context of a group is its own to cancel
  g.ctx.cancel()
})
// @ts-expect-error a group needs a parent
void group(() => 1)
// @ts-expect-error one of two ways with errors
void group(background(), () => 1, { errors: 'last' })

const mu = new Mutex()
expectTypeOf(mu.lock(background())).toEqualTypeOf<Promise<Guard>>()
expectTypeOf(mu.tryLock()).toEqualTypeOf<Guard | undefined>()
expectTypeOf<Guard>().toExtend<Disposable>()
expectTypeOf(new RWMutex().rlock(new AbortController())).toEqualTypeOf<Promise<Guard>>()
expectTypeOf(new Semaphore(1).acquire(1, { signal: AbortSignal.abort() })).toEqualTypeOf<Promise<Guard>>()
// @ts-expect-error a signal is not what stops a wait: { signal } is
void mu.lock(AbortSignal.abort())
// @ts-expect-error what is available is not for others to change
new Semaphore(1).available = 2
// @ts-expect-error a condition of a lock that is no mutex
void new Cond(new RWMutex())

expectTypeOf(onceValue(async () => 1)).toExtend<() => Promise<number>>()
const flights = new SingleFlight<string, number>()
expectTypeOf(flights.do('key', () => 1)).toExtend<
  Promise<{ readonly value: number; readonly shared: boolean }>
>()
// @ts-expect-error a key of another type
void flights.do(1, () => 1)
// @ts-expect-error a value of another type
void flights.do('key', () => 'a')
