// What is thrown for arguments that make no sense: at once, as a TypeError or a RangeError that says what was given,
// and with nothing touched. Beside each operation stands a program that gives it the wrong thing.

import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type ReceiveChannel,
  after,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
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
} from 'chansel'
import { Mutex, RWMutex, Semaphore, WaitGroup } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const canceled = () => {
  const ctx = withCancel(background())
  ctx.cancel('enough')
  return ctx
}

/** Everything that takes a cancel, over a channel that has a value and room. */
const cancellable: [string, (cancel: Cancel) => unknown][] = [
  ['receive', (cancel) => full().receive(cancel)],
  ['send', (cancel) => full().send(1, cancel)],
  ['select', (cancel) => select([full()], cancel)],
  ['select of nothing', (cancel) => select([], cancel)],
  ['receive of a view', (cancel) => receiveOnly(full()).receive(cancel)],
  ['send of a view', (cancel) => sendOnly(full()).send(1, cancel)],
  ['receive of never', (cancel) => never.receive(cancel)],
  ['receive of done', (cancel) => canceled().done.receive(cancel)],
  ['receive of after', (cancel) => after(0).receive(cancel)],
  ['receive of a timer', (cancel) => timer(0).receive(cancel)],
  ['receive of a ticker', (cancel) => ticker(1).receive(cancel)],
  ['receive of a closed channel', (cancel) => closed().receive(cancel)],
  ['send to a closed channel', (cancel) => closed().send(1, cancel)],
  ['sleep', (cancel) => sleep(0, cancel)],
  ['withCancel', (cancel) => withCancel(cancel)],
  ['withTimeout', (cancel) => withTimeout(cancel, 5)],
  ['withDeadline', (cancel) => withDeadline(cancel, 5)],
  ['withValue', (cancel) => withValue(cancel, contextKey<number>('k'), 1)],
  ['withoutCancel', (cancel) => withoutCancel(cancel as ReturnType<typeof background>)],
  ['afterFunc', (cancel) => afterFunc(cancel, () => {})],
  ['lock', (cancel) => new Mutex().lock(cancel)],
  ['rlock', (cancel) => new RWMutex().rlock(cancel)],
  ['acquire', (cancel) => new Semaphore(1).acquire(1, cancel)],
  ['wait of a wait group', (cancel) => new WaitGroup().wait(cancel)],
]

function full() {
  const ch = channel<number>(2)
  ch.trySend(1)
  return ch
}

function closed() {
  const ch = channel<number>(1)
  ch.close()
  return ch
}

describe('a cancel', () => {
  test.each(cancellable)('api 1: thrown at once: %s under what is no cancel is a TypeError', (_, operate) => {
    for (const wrong of [
      null,
      0,
      '',
      'signal',
      true,
      Symbol('signal'),
      {},
      [],
      () => {},
      { signal: null },
      { signal: {} },
      { signal: { aborted: 'no' } },
      { signal: { aborted: false } },
      new AbortController().signal,
      channel(),
    ]) {
      const error = thrownBy(() => operate(wrong as never))
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toMatch(/^Cannot follow a cancel that is not .*: ./)
    }
  })

  test.each(cancellable)('S14 thrown at once: what the getter of a cancel throws: %s', (_, operate) => {
    const error = new Error('mine')
    const cancel = {
      get signal(): AbortSignal {
        throw error
      },
    }
    expect(thrownBy(() => operate(cancel))).toBe(error)
  })

  test.each(cancellable)('R1 the getter of a cancel is asked once: %s', async (_, operate) => {
    let asked = 0
    const controller = new AbortController()
    const cancel = {
      get signal() {
        asked++
        return controller.signal
      },
    }
    const result = operate(cancel)
    expect(asked).toBe(1)
    controller.abort('enough')
    await Promise.allSettled([result])
    expect(asked).toBe(1)
  })

  test('api 1: a channel that was given a wrong cancel is untouched', () => {
    const ch = full()
    for (const f of [
      () => ch.receive(null as never),
      () => ch.send(2, null as never),
      () => select([ch, sendCase(ch, 3)], null as never),
    ])
      expect(f).toThrow(TypeError)
    expect([ch.length, ch.tryReceive(), ch.tryReceive()]).toEqual([1, { value: 1, ok: true }, undefined])
  })
})

describe('a channel', () => {
  test.each([
    ['null', null],
    ['text', 'drop-oldest'],
    ['a number', 5],
    ['a function', () => {}],
    ['true', true],
  ])('api 1: thrown at once: options that are %s are a TypeError that names them', (_, options) => {
    const error = thrownBy(() => channel(1, options as never))
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(/^Cannot make a channel: options must be an object, got .+/)
  })

  test.each([
    ['name null', { name: null }],
    ['name 1', { name: 1 }],
    ['overflow null', { overflow: null }],
    ['overflow true', { overflow: true }],
    ['overflow DROP-OLDEST', { overflow: 'DROP-OLDEST' }],
    ['overflow toString', { overflow: 'toString' }],
  ])('api 1: thrown at once: the option %s is a TypeError', (_, options) => {
    expect(() => channel(1, options as never)).toThrow(TypeError)
  })

  test('C1 what looks like a number is none', () => {
    for (const wrong of [
      new Number(1),
      '',
      ' ',
      [],
      [1],
      new Date(),
      Symbol('1'),
      () => 1,
      { valueOf: () => 1 },
    ]) {
      expect(() => channel(wrong as never)).toThrow(TypeError)
    }
    for (const wrong of [-1, -0.5, 0.1, 1e-9, -Infinity, NaN])
      expect(() => channel(wrong)).toThrow(RangeError)
    for (const right of [0, 1, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Infinity]) {
      expect(channel(right).capacity).toBe(right)
    }
  })

  test('C15 a view of the wrong direction is a TypeError', () => {
    expect(() => sendOnly(receiveOnly(channel()) as never)).toThrow(TypeError)
    expect(() => receiveOnly(sendOnly(channel()) as never)).toThrow(TypeError)
    expect(() => sendOnly(never as never)).toThrow(TypeError)
    expect(() => sendCase(never as never, 1)).toThrow(TypeError)
    expect(() => sendCase(after(5) as never, 1)).toThrow(TypeError)
  })
})

describe('the text says what was given, and what was wrong with it', () => {
  /** Not plain, and with something to look at. */
  const dressed = (cases: object): never => Object.assign(new Date(0), cases) as never

  test.each<[text: string, f: () => unknown]>([
    [
      'make a channel: overflow must be wait, drop-oldest, drop-newest, got "drop"',
      () => channel(1, { overflow: 'drop' as never }),
    ],
    ['make a send case: expected a channel to send to, got "inbox"', () => sendCase('inbox' as never, 1)],
    ['select: expected an object or an array of cases, got null', () => trySelect(null as never)],
    ['select: expected an object or an array of cases, got 7', () => trySelect(7 as never)],
    [
      'select: expected an object or an array of cases, got one case',
      () => trySelect(sendCase(channel<number>(), 1) as never),
    ],
    ['select: expected an object or an array of cases, got one case', () => trySelect(channel() as never)],
    ['select: expected an object or an array of cases, got an object', () => trySelect(dressed({}))],
    [
      'select: expected an object or an array of cases, got an object',
      () => trySelect(dressed({ wrong: 1 })),
    ],
    [
      'select case "wrong": expected a channel, a sendCase, false, null or undefined, got 7',
      () => trySelect({ wrong: 7 as never }),
    ],
    [
      'select case 1: expected a channel, a sendCase, false, null or undefined, got an array',
      () => trySelect([channel(), [] as never]),
    ],
    [
      'select case "outbox": a send needs sendCase(channel, value)',
      () => trySelect({ outbox: sendOnly(channel()) as never }),
    ],
    [
      'set a context value: expected a key of contextKey(), got null',
      () => withValue(background(), null as never, 1),
    ],
    [
      'set a context value: expected a key of contextKey(), got "user"',
      () => withValue(background(), 'user' as never, 1),
    ],
    ['make a channel: capacity must be a number, got 5n', () => channel(5n as never)],
    ['make a channel: name must be a string, got 5', () => channel(0, { name: 5 as never })],
    ['make a context key: name must be a string, got 5', () => contextKey(5 as never)],
    ['run after a cancel: f must be a function, got 5', () => afterFunc(background(), 5 as never)],
    ['make a channel: capacity must be a number, got a function', () => channel(channel as never)],
    [
      'follow a cancel that is not a Context, an AbortController or { signal }: "signal"',
      () => never.receive('signal' as never),
    ],
    [
      'follow a cancel that is not a Context, an AbortController or { signal }: an AbortSignal: pass { signal }',
      () => never.receive(new AbortController().signal as never),
    ],
    [
      'make a receive-only view: expected a channel to receive from, got null',
      () => receiveOnly(null as never),
    ],
    ['make a send-only view: expected a channel to send to, got an object', () => sendOnly(never as never)],
  ])('api 10: Cannot %s', (text, f) => {
    expect(thrownBy(f)).toEqual(new TypeError(`Cannot ${text}`))
  })

  test.each<[text: string, f: () => unknown]>([
    ['make a channel: capacity must be a whole number from 0 on or Infinity, got -1', () => channel(-1)],
    [
      "make a channel: 'drop-oldest' needs a capacity of at least 1, got 0",
      () => channel(0, { overflow: 'drop-oldest' }),
    ],
  ])('C1 api 10: Cannot %s', (text, f) => {
    expect(thrownBy(f)).toEqual(new RangeError(`Cannot ${text}`))
  })
})

test('api 10: a proxy that was revoked is a wrong argument like any other', () => {
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  expect(() => channel(proxy as never)).toThrow(
    'Cannot make a channel: capacity must be a number, got an object',
  )
})

describe('a function and a key', () => {
  test('X17 thrown at once: what cannot be called is a TypeError, and nothing is registered', async () => {
    const ctx = withCancel(background())
    for (const wrong of [undefined, null, 1, 'f', {}, Promise.resolve()]) {
      expect(() => afterFunc(ctx, wrong as never)).toThrow(TypeError)
      expect(() => afterFunc(canceled(), wrong as never)).toThrow(TypeError)
    }
    ctx.cancel()
    await expectPending(never.receive())
  })

  test('X12 thrown at once: a key needs a name that is a string', () => {
    for (const wrong of [undefined, null, 1, Symbol('k'), {}, ['k']]) {
      expect(() => contextKey(wrong as never)).toThrow(TypeError)
      expect(() => withValue(background(), wrong as never, 1)).toThrow(TypeError)
    }
  })
})

describe('J13 a mistake stays a mistake', () => {
  const mistakes: [string, (cancel: Cancel) => unknown][] = [
    ['sleep', (cancel) => sleep(NaN, cancel)],
    ['select', (cancel) => select([1 as never], cancel)],
    ['select of a promise', (cancel) => select(Promise.resolve({}) as never, cancel)],
    ['withTimeout', (cancel) => withTimeout(cancel, NaN)],
    ['withValue', (cancel) => withValue(cancel, 'k' as never, 1)],
    ['afterFunc', (cancel) => afterFunc(cancel, 1 as never)],
  ]

  test.each(mistakes)(
    'J13 under a cancel that fired it is thrown, and is not taken for it: %s',
    (_, operate) => {
      const error = thrownBy(() => operate(canceled()))
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
      expect(isCanceled(error)).toBe(false)
    },
  )

  test('J13 an error that is a value of the program is never wrapped or taken for a cancellation', async () => {
    const mine = new RangeError('mine')
    const ch: ReceiveChannel<never> = failed(mine)
    expect(await rejectionOf(ch.receive(withCancel(background())))).toBe(mine)
    expect(thrownBy(() => trySelect([ch]))).toBe(mine)
    expect(isCanceled(mine)).toBe(false)
  })

  function failed(error: unknown) {
    const ch = channel<never>()
    ch.close(error)
    return ch
  }
})
