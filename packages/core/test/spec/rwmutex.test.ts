import { describe, expect, test } from 'vitest'
import { background, withCancel } from 'chansel'
import { type Guard, RWMutex } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

test('M4 a writer that waits keeps new readers out', async () => {
  const mu = new RWMutex()
  const reader = mu.tryRLock()!
  expect(mu.tryRLock()).toBeDefined()
  const other = new RWMutex()
  const held = other.tryRLock()!
  const writer = other.lock()
  expect(other.tryRLock()).toBeUndefined()
  const late = other.rlock()
  held.release()
  expect(other.tryRLock()).toBeUndefined()
  await expectPending(late)
  ;(await writer).release()
  ;(await late).release()
  reader.release()
})

test('M5 when a writer releases all readers that wait enter, before the next writer', async () => {
  const mu = new RWMutex()
  const first = await mu.lock()
  const log: string[] = []
  const guards = new Map<string, Guard>()
  const enter = async (name: string) => {
    guards.set(name, await (name.startsWith('r') ? mu.rlock() : mu.lock()))
    log.push(name)
  }
  const all = ['r1', 'w1', 'r2', 'w2', 'r3'].map(enter)
  await settle()
  first.release()
  await settle()
  expect(log).toEqual(['r1', 'r2', 'r3'])
  all.push(enter('r4'))
  guards.get('r1')!.release()
  guards.get('r3')!.release()
  await settle()
  expect(log).toHaveLength(3)
  guards.get('r2')!.release()
  await settle()
  expect(log.slice(3)).toEqual(['w1'])
  guards.get('w1')!.release()
  await settle()
  expect(log.slice(4)).toEqual(['r4'])
  guards.get('r4')!.release()
  await settle()
  expect(log.slice(5)).toEqual(['w2'])
  guards.get('w2')!.release()
  await Promise.all(all)
})

test('M6 M3 who keeps whom out', () => {
  const mu = new RWMutex()
  const readers = [mu.tryRLock()!, mu.tryRLock()!]
  expect(mu.tryLock()).toBeUndefined()
  readers[0]!.release()
  expect(mu.tryLock()).toBeUndefined()
  readers[1]!.release()
  const writer = mu.tryLock()!
  expect([mu.tryLock(), mu.tryRLock()]).toEqual([undefined, undefined])
  writer.release()
  expect(mu.tryRLock()).toBeDefined()
})

test('M2 a reader’s guard counts once', () => {
  const mu = new RWMutex()
  const [one, two] = [mu.tryRLock()!, mu.tryRLock()!]
  one.release()
  one.release()
  expect(mu.tryLock()).toBeUndefined()
  two[Symbol.dispose]()
  const writer = mu.tryLock()!
  two.release()
  writer.release()
  writer.release()
  expect(mu.tryLock()).toBeDefined()
})

test('M1 a release hands over in the same step', async () => {
  const mu = new RWMutex()
  const reader = mu.tryRLock()!
  const writers = [mu.lock(), mu.lock()]
  reader.release()
  expect([mu.tryLock(), mu.tryRLock()]).toEqual([undefined, undefined])
  ;(await writers[0]!).release()
  expect([mu.tryLock(), mu.tryRLock()]).toEqual([undefined, undefined])
  ;(await writers[1]!).release()
  expect(mu.tryLock()).toBeDefined()
})

describe('cancelling', () => {
  test('M16 J9 a cancel that fired wins over a free lock', async () => {
    const mu = new RWMutex()
    const ctx = canceled()
    expect(await rejectionOf(mu.lock(ctx))).toBe(ctx.err)
    expect(await rejectionOf(mu.rlock(ctx))).toBe(ctx.err)
    expect(mu.tryLock()).toBeDefined()
  })

  test('M26 the last writer that gives up lets the readers behind it in, at once', async () => {
    const mu = new RWMutex()
    const reader = mu.tryRLock()!
    const contexts = [withCancel(background()), withCancel(background())]
    const writers = contexts.map((ctx) => mu.lock(ctx))
    const behind = mu.rlock()
    contexts[0]!.cancel()
    expect(await rejectionOf(writers[0]!)).toBe(contexts[0]!.err)
    await expectPending(behind)
    contexts[1]!.cancel()
    expect(mu.tryRLock()).toBeDefined()
    expect(await rejectionOf(writers[1]!)).toBe(contexts[1]!.err)
    ;(await behind).release()
    reader.release()
  })

  test('M26 a writer that gives up behind another one lets nobody in', async () => {
    const mu = new RWMutex()
    const writer = mu.tryLock()!
    const ctx = withCancel(background())
    const second = mu.lock(ctx)
    const reader = mu.rlock()
    ctx.cancel()
    await rejectionOf(second)
    await expectPending(reader)
    writer.release()
    ;(await reader).release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('M17 of waits that one cancel ends none is served in between', async () => {
    const mu = new RWMutex()
    const held = mu.tryRLock()!
    const ctx = withCancel(background())
    const ended = [mu.lock(ctx), mu.rlock(ctx), mu.lock(ctx), mu.rlock(ctx)].map(rejectionOf)
    const stays = mu.rlock()
    ctx.cancel()
    expect(await Promise.all(ended)).toEqual([ctx.err, ctx.err, ctx.err, ctx.err])
    ;(await stays).release()
    held.release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('M17 R3 granted, then cancelled in one turn: granted', async () => {
    const mu = new RWMutex()
    const held = mu.tryLock()!
    const ctx = withCancel(background())
    const reader = mu.rlock(ctx)
    held.release()
    ctx.cancel()
    expect(mu.tryLock()).toBeUndefined()
    ;(await reader).release()
    expect(mu.tryLock()).toBeDefined()
  })
})
