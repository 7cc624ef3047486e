// What a select accepts as its cases: which properties of an object, which places of an array, and what else.

import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  type Channel,
  type ReceiveChannel,
  type SelectCase,
  type SelectCases,
  after,
  background,
  channel,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
  withCancel,
} from 'chansel'
import { selector } from 'chansel/selector'
import { expectNothingLeft, expectPending, settle } from '../support/pending.ts'

expectNothingLeft()

const full = <T>(value: T): Channel<T> => {
  const ch = channel<T>(1)
  ch.trySend(value)
  return ch
}

const filledSoon = <T>(value: T): Channel<T> => {
  const ch = channel<T>(1)
  void Promise.resolve().then(() => ch.trySend(value))
  return ch
}

describe('an object of cases', () => {
  test('S11 S12 may have no prototype, and no case that is switched on', async () => {
    const none = Object.assign(Object.create(null) as SelectCases, { off: false })
    const ctx = withCancel(background())
    await expectPending(select(none, ctx), select(Object.create(null) as SelectCases, ctx))
    ctx.cancel()
    expect(trySelect(none)).toBeUndefined()
  })

  test('J18 S11 S12 may be of another realm, and have no case that is switched on', async () => {
    const none = runInNewContext('({ off: null })') as SelectCases
    const ctx = withCancel(background())
    await expectPending(select(none, ctx), select(runInNewContext('({})') as SelectCases, ctx))
    ctx.cancel()
    expect(trySelect(none)).toBeUndefined()
    const map = runInNewContext('new Map()') as SelectCases
    expect(() => trySelect(map)).toThrow(TypeError)
  })

  test.each([
    '',
    'case',
    'ok',
    'value',
    'then',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    '0',
    '-1',
    'ü',
  ])('api 2: any text is a label: %j', async (label) => {
    // Computed, because a plain __proto__ would set the prototype.
    const cases = { [label]: full('x') }
    expect(await select(cases)).toStrictEqual({ case: label, value: 'x', ok: true })
    const outbox = channel<number>(1)
    expect(trySelect({ quiet: channel(), [label]: sendCase(outbox, 1) })).toStrictEqual({ case: label })
    const later = channel<number>()
    const waits = select({ quiet: channel(), [label]: later })
    expect(await select({ quiet: channel(), [label]: sendCase(later, 2) })).toStrictEqual({ case: label })
    expect(await waits).toStrictEqual({ case: label, value: 2, ok: true })
    const sends = select({ quiet: channel(), [label]: sendCase(later, 3) })
    expect(later.tryReceive()).toEqual({ value: 3, ok: true })
    expect(await sends).toStrictEqual({ case: label })
  })

  test('api 2: only own, enumerable properties with a text as key are cases', () => {
    const hidden = Object.defineProperty({}, 'hidden', { value: full(1), enumerable: false })
    const symbol = { [Symbol('label')]: full(1) }
    const base = Object.assign(Object.create(null) as object, { inherited: full(1) })
    const heir = Object.assign(Object.create(base) as object, { quiet: channel() })
    expect(trySelect(heir as SelectCases)).toBeUndefined()
    expect(trySelect(hidden)).toBeUndefined()
    expect(trySelect(symbol as object as SelectCases)).toBeUndefined()
  })

  test('api 2: frozen objects, objects without a prototype, of another realm and behind a proxy are fine', () => {
    const cases = (ch: Channel<string>) => [
      Object.freeze({ ch }),
      Object.assign(Object.create(null) as object, { ch }),
      Object.assign(runInNewContext('({})') as object, { ch }),
      new Proxy({ ch }, {}),
      Object.seal({ quiet: channel(), ch }),
    ]
    for (const i of [0, 1, 2, 3, 4]) {
      expect(trySelect(cases(full('x'))[i] as SelectCases)).toEqual({ case: 'ch', value: 'x', ok: true })
    }
  })

  test.each([
    ['a context', () => withCancel(background())],
    ['an AbortController', () => new AbortController()],
    ['a signal', () => new AbortController().signal],
    ['a date', () => new Date()],
    ['a map', () => new Map()],
    ['an error', () => new Error('no cases')],
    ['a typed array', () => new Uint8Array(1)],
    ['text', () => 'ab'],
    ['a boxed text', () => Object('ab') as unknown],
    ['never', () => never],
    ['a send-only view', () => sendOnly(channel())],
    ['a generator', () => (function* cases() {})()],
    ['a class instance', () => new (class Cases {})()],
  ])('api 2: thrown at once: %s is no set of cases, and a select over it would wait for ever', (_, make) => {
    expect(() => void select(make() as SelectCases)).toThrow(TypeError)
    expect(() => trySelect(make() as SelectCases)).toThrow(TypeError)
  })

  test('api 2: of a class it may be, where it has a case; what its class has are no cases', () => {
    class Inboxes {
      readonly jobs = full(1)
      get others() {
        return full(2)
      }
    }
    const cases = new Inboxes() as object as SelectCases
    expect(trySelect(cases)).toEqual({ case: 'jobs', value: 1, ok: true })
    expect(trySelect(cases)).toBeUndefined()
  })

  test('S13 a getter is asked once, whatever its label', () => {
    const asked: string[] = []
    const labels = ['then', 'length', 'a', 'constructor', 'signal']
    const cases = {}
    for (const label of labels) {
      Object.defineProperty(cases, label, { get: () => void asked.push(label), enumerable: true })
    }
    expect(trySelect(cases)).toBeUndefined()
    expect(asked).toEqual(labels)
  })

  test('S13 what is done to the cases after the call does not reach the select', async () => {
    const one = channel<number>()
    const two = channel<number>()
    const cases: Record<string, Channel<number>> = { one }
    const list = [one]
    const selects = [select(cases), select(list)]
    cases['one'] = two
    delete cases['two']
    list.length = 0
    expect([two.trySend(1), one.trySend(2), one.trySend(3), one.trySend(4)]).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(await Promise.all(selects)).toEqual([
      { case: 'one', value: 2, ok: true },
      { case: 0, value: 3, ok: true },
    ])
  })
})

describe('an array of cases', () => {
  test('api 2: holes are cases that are never ready, and the others keep their index', () => {
    const sparse: (Channel<number> | undefined)[] = []
    sparse[1_000] = full(7)
    expect(trySelect(sparse)).toEqual({ case: 1_000, value: 7, ok: true })
    expect(trySelect([undefined, null, false, full(1)])).toEqual({ case: 3, value: 1, ok: true })
  })

  test('api 2: frozen arrays, arrays of a subclass and of another realm are fine, other properties no cases', () => {
    class Cases extends Array<Channel<number>> {}
    const foreign = runInNewContext('[]') as Channel<number>[]
    foreign.push(full(1))
    for (const cases of [Object.freeze([full(1)]), Cases.of(full(1)), foreign]) {
      expect(trySelect(cases)).toEqual({ case: 0, value: 1, ok: true })
    }
    expect(trySelect(Object.assign([channel<number>()], { extra: full(1) }))).toBeUndefined()
  })

  describe('S13 each place is read once, in their order, whatever is there', () => {
    const watched = (places: readonly SelectCase[]) => {
      const read: number[] = []
      const cases: SelectCase[] = []
      for (const [i, place] of places.entries()) {
        Object.defineProperty(cases, i, { get: () => (read.push(i), place), enumerable: true })
      }
      return { cases, read }
    }

    test('by trySelect', () => {
      const places = [full(1), sendCase(channel<number>(), 2), false, after(1_000), full(3)] as const
      const { cases, read } = watched(places)
      expect([0, 4]).toContain(trySelect(cases)!.case)
      expect(read).toEqual([0, 1, 2, 3, 4])
    })

    test.each([
      ['channels, one of them ready', (): SelectCase[] => [channel(), full(1), channel()], 1],
      [
        'channels, and others behind one that is ready',
        (): SelectCase[] => [channel(), full(1), false, after(1_000)],
        1,
      ],
      ['channels that are not ready, and others', (): SelectCase[] => [channel(), after(1), false], 1],
      ['channels, all of which wait', (): SelectCase[] => [channel(), filledSoon(1), channel()], 1],
    ])('by select, of %s', async (_, make, chosen) => {
      // What a select found last decides how the next one looks.
      await select([full(0)])
      const places = make()
      const { cases, read } = watched(places)
      expect((await select(cases)).case).toBe(chosen)
      expect(read).toEqual([...places.keys()])
    })
  })

  test('api 2: undefined, null and false are no cases, every other falsy value is a mistake', () => {
    for (const wrong of [0, -0, NaN, '', 0n]) {
      expect(() => trySelect([wrong as never])).toThrow(TypeError)
      expect(() => trySelect({ wrong: wrong as never })).toThrow(TypeError)
    }
  })

  test('S12 cases of a class may all be switched off', async () => {
    class Cases {
      a: ReceiveChannel<number> | null = null
      b: ReceiveChannel<number> | false = false
    }
    expect(trySelect(new Cases() as never)).toBeUndefined()
    await expectPending(select(new Cases() as never))
    expect(() => trySelect(new Map() as never)).toThrow(TypeError)
  })

  test('S27 S1 a thousand ready cases: each can be chosen, the others are untouched', async () => {
    const channels = Array.from({ length: 1_000 }, (_, i) => full(i))
    const chosen = new Set<number>()
    for (let i = 0; i < 500; i++) {
      const event = await select(channels)
      expect(event).toEqual({ case: event.case, value: event.case, ok: true })
      expect(channels[event.case]!.length).toBe(0)
      channels[event.case]!.trySend(event.case)
      chosen.add(event.case)
    }
    expect(chosen.size).toBeGreaterThan(300)
    expect(channels.every((ch) => ch.length === 1)).toBe(true)
  })

  test('S27 S1 forty ready cases of an object, receives and sends: each can be chosen', async () => {
    const filled = Array.from({ length: 20 }, (_, i) => full(i))
    const receives = filled.map((ch, i) => [`receive ${i}`, ch] as const)
    const sends = filled.map((_, i) => [`send ${i}`, sendCase(channel<number>(Infinity), i)] as const)
    const cases = Object.fromEntries<SelectCase>([...receives, ...sends])
    using events = selector(cases)
    for (const round of [() => select(cases), () => trySelect(cases)!, () => events.select()]) {
      const chosen = new Set<string>()
      for (let i = 0; i < 1_000; i++) {
        const event: { case: string; value?: unknown } = await round()
        chosen.add(event.case)
        if (event.value !== undefined) filled[event.value as number]!.trySend(event.value as number)
      }
      expect(chosen.size).toBe(40)
    }
  })

  test('S5 a thousand cases that wait, of which the first and the last are the same channel', async () => {
    const shared = channel<number>()
    const quiet = Array.from({ length: 998 }, () => channel<number>())
    const selected = select([shared, ...quiet, shared])
    await expectPending(selected)
    expect([shared.trySend(1), shared.trySend(2)]).toEqual([true, false])
    expect([0, 999]).toContain((await selected).case)
    expect(quiet.every((ch) => !ch.trySend(3))).toBe(true)
  })
})

describe('selects that meet', () => {
  test('S8 two that cross over two channels exchange one value, and both leave the other channel', async () => {
    const a = channel<string>()
    const b = channel<string>()
    const events = await Promise.all([
      select({ sent: sendCase(a, 'from one'), received: b }),
      select({ sent: sendCase(b, 'from two'), received: a }),
    ])
    // The second finds both of its cases ready, and either may be chosen.
    const sentFirst = [{ case: 'sent' }, { case: 'received', value: 'from one', ok: true }]
    const sentSecond = [{ case: 'received', value: 'from two', ok: true }, { case: 'sent' }]
    expect([sentFirst, sentSecond]).toContainEqual(events)
    for (const ch of [a, b]) expect([ch.tryReceive(), ch.trySend('x')]).toEqual([undefined, false])
  })

  test('S8 S16 a ring of selects, each sending to the next, pairs off without loss', async () => {
    const links = Array.from({ length: 9 }, () => channel<number>())
    const selects = links.map((link, i) => select({ sent: sendCase(link, i), received: links[(i + 8) % 9]! }))
    await settle()
    links.forEach((link) => link.close())
    const outcomes = await Promise.allSettled(selects)
    const received = outcomes.filter(
      ({ status, ...rest }) => 'value' in rest && status === 'fulfilled' && isValue(rest.value),
    )
    const sent = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.case === 'sent')
    expect(received.length).toBe(sent.length)
    expect(sent.length).toBe(4)
  })

  function isValue(event: unknown): boolean {
    return (event as { ok?: boolean }).ok === true
  }

  test('S9 S8 a select that sends twice meets one that receives twice: one value, one case each', async () => {
    const ch = channel<number>()
    const sending = select([sendCase(ch, 0), sendCase(ch, 1)])
    const receiving = await select([ch, ch])
    expect(receiving).toEqual({ case: receiving.case, value: (await sending).case, ok: true })
    expect([ch.tryReceive(), ch.trySend(2)]).toEqual([undefined, false])
  })

  test('S18 S9 close wakes a select with one channel in many cases once', async () => {
    const ch = channel<number>()
    const view = receiveOnly(ch)
    const selected = select({ ch, view, late: after(60_000), sent: sendCase(ch, 1) })
    ch.close()
    const event = await selected
    expect(['ch', 'view']).toContain(event.case)
    expect(event).toMatchObject({ value: undefined, ok: false })
  })
})
