import {
  CanceledError,
  ClosedChannelError,
  DeadlineExceededError,
  type ReceiveChannel,
  type SendChannel,
  after,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
  yieldNow,
} from 'chansel'
import { selector } from 'chansel/selector'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect } from 'vitest'
import type { Rows } from './row.ts'

const p = background()

export const rows: Rows = {
  '`channel<T>()`, `channel<T>(n)`': async () => {
    expect([channel<number>().capacity, channel<number>(2).capacity]).toEqual([0, 2])
    expect(channel<number>(Infinity).capacity).toBe(Infinity)
  },
  '`channel<T>(n)`': async () => {
    expect(channel<number>(3).capacity).toBe(3)
  },
  '`await ch.send(v)`': async () => {
    const ch = channel<number>(1)
    await ch.send(1)
    expect(ch.length).toBe(1)
    ch.close()
    await expect(ch.send(2)).rejects.toThrow(ClosedChannelError)
  },
  '`const { value, ok } = await ch.receive()`': async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    const { value, ok } = await ch.receive()
    expect([value, ok]).toEqual([1, true])
  },
  '`for await (const v of ch)`': async () => {
    const ch = channel<number>(2)
    for (const n of [1, 2]) ch.trySend(n)
    ch.close()
    const seen: number[] = []
    for await (const v of ch) seen.push(v)
    expect(seen).toEqual([1, 2])
  },
  '`ch.close()`': async () => {
    const ch = channel<number>()
    ch.close()
    expect(() => ch.close()).toThrow(ClosedChannelError)
    let scoped: SendChannel<number>
    {
      using inner = channel<number>()
      scoped = inner
    }
    expect(scoped.closed).toBe(true)
  },
  '`ch.close(error)`': async () => {
    const ch = channel<number>(1)
    const error = new Error('disk full')
    ch.trySend(1)
    ch.close(error)
    expect(await ch.receive()).toEqual({ value: 1, ok: true })
    await expect(ch.receive()).rejects.toBe(error)
  },
  '`ch.close()`; `ch.close(error)` fails the receivers': async () => {
    const ch = channel<number>()
    ch.close('why')
    await expect(ch.receive()).rejects.toBe('why')
  },
  '`ch.length`, `ch.capacity`': async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    expect([ch.length, ch.capacity]).toEqual([1, 2])
  },
  '`ReceiveChannel<T>`, `SendChannel<T>`': async () => {
    const ch = channel<number>(1)
    const send: SendChannel<number> = ch
    const receive: ReceiveChannel<number> = ch
    send.trySend(1)
    expect(receive.tryReceive()?.value).toBe(1)
  },
  '`receiveOnly(ch)`, `sendOnly(ch)`': async () => {
    const ch = channel<number>(1)
    const [source, target] = [receiveOnly(ch), sendOnly(ch)]
    target.trySend(1)
    expect([source.tryReceive()?.value, 'send' in source, 'receive' in target]).toEqual([1, false, false])
  },
  '`never`; `null`, `undefined`, `false` as a case': async () => {
    expect(trySelect({ a: never, b: null, c: undefined, d: false })).toBe(undefined)
  },
  '`false`, `null` or `undefined` as a case; `never`': async () => {
    expect(trySelect([never, null, undefined, false])).toBe(undefined)
  },
  '`switch ((await select({ a, b: sendCase(b, x) })).case)`': async () => {
    const [a, b, x] = [channel<string>(), channel<number>(1), 7]
    switch ((await select({ a, b: sendCase(b, x) })).case) {
      case 'a':
        throw new Error('nobody sent to a')
      case 'b':
        expect(b.tryReceive()?.value).toBe(7)
    }
  },
  '`await select({ a, sent: sendCase(b, x) })`': async () => {
    const [a, b, x] = [channel<string>(), channel<number>(1), 7]
    expect(await select({ a, sent: sendCase(b, x) })).toEqual({ case: 'sent' })
  },
  '`trySelect({ … })`: `undefined` where no case is ready': async () => {
    expect(trySelect({ a: channel() })).toBe(undefined)
  },
  '`trySelect({ … })`, `ch.trySend(v)`, `ch.tryReceive()`': async () => {
    const ch = channel<number>(1)
    expect([trySelect({ ch }), ch.trySend(1), ch.trySend(2)]).toEqual([undefined, true, false])
    expect(ch.tryReceive()).toEqual({ value: 1, ok: true })
  },
  '`sendCase(sem)` with `channel<void>(n)`': async () => {
    const sem = channel<void>(1)
    expect(trySelect({ taken: sendCase(sem) })).toEqual({ case: 'taken' })
    expect(trySelect({ taken: sendCase(sem) })).toBe(undefined)
  },
  '`ch.trySend(v)`': async () => {
    expect([channel<number>().trySend(1), channel<number>(1).trySend(1)]).toEqual([false, true])
  },
  '`ch.tryReceive()`': async () => {
    const ch = channel<number>()
    expect(ch.tryReceive()).toBe(undefined)
    ch.close()
    expect(ch.tryReceive()).toEqual({ value: undefined, ok: false })
  },
  '`using events = selector({ … })`, `await events.select()`': async () => {
    const ch = channel<number>(1)
    using events = selector({ ch })
    ch.trySend(1)
    expect(await events.select()).toEqual({ case: 'ch', value: 1, ok: true })
  },
  '`select({})`': async () => {
    await expect(select({}, withTimeout(p, 1))).rejects.toThrow(DeadlineExceededError)
  },
  '`background()`': async () => {
    expect(background().err).toBe(undefined)
  },
  '`const ctx = withCancel(p)`, `ctx.cancel(cause)`': async () => {
    const ctx = withCancel(p)
    ctx.cancel('enough')
    expect(ctx.cause).toBe('enough')
  },
  '`using ctx = withTimeout(p, ms)`': async () => {
    let ended
    {
      using ctx = withTimeout(p, 60_000)
      ended = ctx
    }
    expect(ended.err).toBeInstanceOf(CanceledError)
  },
  '`using ctx = withTimeout(parent, ms)`': async () => {
    const parent = withCancel(p)
    using ctx = withTimeout(parent, 60_000)
    parent.cancel()
    expect(isCanceled(ctx.err)).toBe(true)
  },
  '`withDeadline(p, at, cause)`': async () => {
    expect(withDeadline(p, new Date(0), 'late').cause).toBe('late')
    expect(withDeadline(p, 0).deadline).toBe(0)
  },
  '`withValue(p, key, v)`, `ctx.value(key)`': async () => {
    const key = contextKey<string>('user')
    const ctx = withValue(p, key, 'Ada')
    expect(ctx.value(key)).toBe('Ada')
  },
  "`const user = contextKey<T>('user')`": async () => {
    const user = contextKey<string>('user')
    expect(withValue(p, contextKey<string>('user'), 'Ada').value(user)).toBe(undefined)
  },
  '`withoutCancel(p)`': async () => {
    const parent = withCancel(p)
    parent.cancel()
    expect(withoutCancel(parent).err).toBe(undefined)
  },
  '`withTimeout(p, ms, cause)`': async () => {
    const ms = 0
    using ctx = withTimeout(p, ms, 'too slow')
    expect(ctx.cause).toBe('too slow')
  },
  '`using later = withTimeout(p, ms)`, `const stop = afterFunc(later, f)`, `stop()`': async () => {
    const [ms, ran] = [1, channel<string>(2)]
    using later = withTimeout(p, 60_000)
    const stop = afterFunc(later, () => void ran.trySend('late'))
    afterFunc(withTimeout(p, ms), () => void ran.trySend('ran'))
    expect([(await ran.receive()).value, stop(), ran.length]).toEqual(['ran', true, 0])
  },
  '`afterFunc(ctx, f)`': async () => {
    const [ctx, ran] = [withCancel(p), channel<string>(1)]
    afterFunc(ctx, () => void ran.trySend('ran'))
    ctx.cancel()
    expect((await ran.receive()).value).toBe('ran')
  },
  '`ctx.done`, `ctx.err`, `ctx.cause`': async () => {
    const ctx = withCancel(p)
    ctx.cancel()
    expect([ctx.done.tryReceive()?.ok, ctx.err?.name, ctx.cause]).toEqual([false, 'CanceledError', ctx.err])
  },
  '`done: ctx.done`': async () => {
    const ctx = withCancel(p)
    ctx.cancel()
    expect((await select({ inbox: never, done: ctx.done })).case).toBe('done')
  },
  '`isCanceled(error)`': async () => {
    expect(isCanceled(AbortSignal.abort().reason)).toBe(true)
  },
  '`isDeadlineExceeded(error)`': async () => {
    expect(isDeadlineExceeded(withTimeout(p, 0).err)).toBe(true)
  },
  '`fetch(url, ctx)`': async () => {
    const server = createServer((_, response) => response.end('page')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const ctx = withCancel(p)
    expect(await (await fetch(url, ctx)).text()).toBe('page')
    ctx.cancel()
    expect(isCanceled(await fetch(url, ctx).catch((error: unknown) => error))).toBe(true)
    server.closeAllConnections()
    server.close()
  },
  '`await sleep(ms, ctx)`': async () => {
    using ctx = withTimeout(p, 1)
    await expect(sleep(60_000, ctx)).rejects.toBe(ctx.err)
  },
  '`after(ms)`': async () => {
    expect((await after(1).receive()).ok).toBe(true)
  },
  '`after(ms)`, `ticker(ms)`': async () => {
    using beat = ticker(1)
    expect([(await after(0).receive()).ok, (await beat.receive()).ok]).toEqual([true, true])
  },
  '`timer(ms)`, `t.stop()`, `t.reset(ms)`': async () => {
    using t = timer(60_000)
    expect([t.stop(), t.reset(1)]).toEqual([true, false])
    expect((await t.receive()).ok).toBe(true)
  },
  '`ticker(ms)`': async () => {
    using beat = ticker(1)
    expect((await beat.receive()).ok).toBe(true)
  },
  '`using permits = ticker(ms)`, `await permits.receive(ctx)`': async () => {
    using permits = ticker(1)
    using ctx = withCancel(p)
    expect((await permits.receive(ctx)).ok).toBe(true)
    ctx.cancel()
    await expect(permits.receive(ctx)).rejects.toThrow(CanceledError)
  },
  '`await yieldNow()`': async () => {
    let ran = false
    setImmediate(() => (ran = true))
    await yieldNow()
    await yieldNow()
    expect(ran).toBe(true)
  },
}
