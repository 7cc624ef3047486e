import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  type ContextKey,
  afterFunc,
  background,
  contextKey,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from 'chansel'
import { expectNothingLeft, expectPending } from '../support/pending.ts'
import { Random } from '../support/random.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const FOREVER_MS = 1e9

describe('values', () => {
  test('X12 value gives the nearest, keys compare by identity', () => {
    const name = contextKey<string>('name')
    const sameName = contextKey<string>('name')
    const size = contextKey<number>('size')
    const outer = withValue(withValue(background(), name, 'outer'), size, 1)
    const inner = withValue(withTimeout(withCancel(outer), FOREVER_MS), name, 'inner')
    expect([outer.value(name), outer.value(size), outer.value(sameName)]).toEqual(['outer', 1, undefined])
    expect([inner.value(name), inner.value(size), inner.value(sameName)]).toEqual(['inner', 1, undefined])
  })

  test('X12 R5 a value is the one that was given', () => {
    const key = contextKey<object>('key')
    for (const value of [{}, [], new Map(), () => {}, Promise.resolve(), Object.freeze({ a: 1 })]) {
      expect(withCancel(withValue(background(), key, value)).value(key)).toBe(value)
    }
  })

  test('X12 an undefined value hides an outer one', () => {
    const key = contextKey<string | undefined>('key')
    const outer = withValue(background(), key, 'outer')
    const inner = withValue(outer, key, undefined)
    expect(inner.value(key)).toBeUndefined()
    expect(withValue(withCancel(inner), contextKey<string>('other'), 'x').value(key)).toBeUndefined()
    expect(outer.value(key)).toBe('outer')
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'key'],
    ['a plain object', {}],
  ])('X12 thrown at once: a key that is %s is a TypeError', (_, key) => {
    expect(() => withValue(background(), key as never, 1)).toThrow(TypeError)
  })

  test('api: a key has a name, which is a string', () => {
    expect([contextKey('user').name, contextKey('').name]).toEqual(['user', ''])
    expect(Object.isFrozen(contextKey('user'))).toBe(true)
    expect(() => contextKey(1 as never)).toThrow(TypeError)
  })

  test('X13 values survive cancellation', () => {
    const key = contextKey<string>('key')
    const parent = withCancel(background())
    const ctx = withValue(parent, key, 'kept')
    parent.cancel()
    expect(ctx.value(key)).toBe('kept')
    expect(withCancel(ctx).value(key)).toBe('kept')
  })

  test('X21 withoutCancel keeps values and drops the rest, also where the parent is cancelled already', async () => {
    const key = contextKey<string>('key')
    const parent = withTimeout(withValue(background(), key, 'kept'), FOREVER_MS)
    const controller = new AbortController()
    controller.abort()
    parent.cancel('why')
    for (const ctx of [withoutCancel(parent), withoutCancel(withCancel(controller))]) {
      expect(ctx).toMatchObject({ err: undefined, cause: undefined, deadline: undefined })
      expect(ctx.signal.aborted).toBe(false)
      await expectPending(ctx.done.receive())
      expect(withCancel(ctx).err).toBeUndefined()
    }
    expect(withoutCancel(parent).value(key)).toBe('kept')
  })

  test('X14 thrown at once: a parent that is none is a TypeError', () => {
    const key: ContextKey<number> = contextKey('key')
    for (const parent of [undefined, null, {}, new AbortController().signal] as never[]) {
      for (const make of [
        () => withCancel(parent),
        () => withTimeout(parent, 5),
        () => withDeadline(parent, 5),
        () => withValue(parent, key, 1),
        () => withoutCancel(parent),
        () => afterFunc(parent, () => {}),
      ]) {
        expect(make).toThrow(TypeError)
      }
    }
  })

  // Source: Go, context/context_test.go, testLayers.
  test.each([1, 2, 3, 4, 5, 6])(
    'X31 a tower of values, cancels and timeouts works as one (seed %i)',
    (seed) => {
      const random = new Random(seed)
      const values: { key: ContextKey<number>; value: number }[] = []
      const cancels: CancelContext[] = []
      let timers = 0
      let top: Context = background()
      for (let i = 0; i < 30 + random.below(30); i++) {
        const layer = random.below(3)
        const [next, key] = [
          () => [withCancel(top), undefined] as const,
          () => [withTimeout(top, FOREVER_MS + i), undefined] as const,
          () => {
            const made = contextKey<number>(`key ${i}`)
            return [withValue(top, made, i), made] as const
          },
        ][layer]!()
        timers += layer === 1 ? 1 : 0
        cancels.push(...('cancel' in next ? [next as CancelContext] : []))
        values.push(...(key === undefined ? [] : [{ key, value: i }]))
        top = next
      }
      const checkValues = () => {
        for (const { key, value } of values) expect(top.value(key)).toBe(value)
      }
      expect(top.err).toBeUndefined()
      expect(top.deadline === undefined).toBe(timers === 0)
      checkValues()
      random.pick(cancels).cancel(`seed ${seed}`)
      expect(top.cause).toBe(`seed ${seed}`)
      expect(top.done.tryReceive()).toStrictEqual(CLOSED)
      checkValues()
    },
  )
})
