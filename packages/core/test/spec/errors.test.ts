import { describe, expect, test } from 'vitest'
import {
  CanceledError,
  ClosedChannelError,
  DeadlineExceededError,
  after,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  sleep,
  ticker,
  timer,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
} from 'chansel'
import { inlet, outlet } from 'chansel/device'
import { rejectionOf, thrownBy } from '../support/pending.ts'

const closedError = () => {
  const ch = channel<string>(1, { name: 'jobs' })
  ch.close(new Error('why'))
  return thrownBy(() => ch.trySend('unsent')) as ClosedChannelError
}
const canceledError = () => {
  const ctx = withCancel(background())
  ctx.cancel('why')
  return ctx.err as CanceledError
}
const deadlineError = () => withTimeout(background(), 0, 'why').err as DeadlineExceededError

describe('the tree', () => {
  test.each([
    ['ClosedChannelError', 'ERR_CHANNEL_CLOSED', closedError, ClosedChannelError],
    ['CanceledError', 'ERR_CANCELED', canceledError, CanceledError],
    ['DeadlineExceededError', 'ERR_DEADLINE_EXCEEDED', deadlineError, DeadlineExceededError],
  ] as const)(
    'api 10: %s: name is the class name, code is stable, instanceof tells them apart',
    (name, code, make, Class) => {
      const error = make()
      expect(error).toMatchObject({ name, code })
      expect(error).toBeInstanceOf(Error)
      const classes = [ClosedChannelError, CanceledError, DeadlineExceededError]
      expect(classes.filter((other) => error instanceof (other as typeof ClosedChannelError))).toEqual([
        Class,
      ])
      expect(Object.prototype.toString.call(error)).toBe('[object Error]')
      expect(error.stack).toContain(error.message)
    },
  )

  test.each([ClosedChannelError, CanceledError, DeadlineExceededError])(
    'api 10: an object of %o is one before it has its code: a class compiled to a function asks its own constructor',
    (Class) => {
      expect(Object.create(Class.prototype)).toBeInstanceOf(Class)
      expect(Object.create(Error.prototype)).not.toBeInstanceOf(Class)
    },
  )

  test('api 10: data is in fields', () => {
    expect(closedError()).toMatchObject({ operation: 'send', value: 'unsent', cause: new Error('why') })
    expect(canceledError()).toMatchObject({ cause: 'why' })
    const late = withDeadline(background(), 1_000, 'why').err
    expect(late).toMatchObject({ deadline: 1_000, cause: 'why' })
  })

  test('C30 subclasses of the errors are told apart from their base', () => {
    class LostError extends ClosedChannelError {}
    const lost = new LostError('send', undefined, 1)
    expect(lost).toBeInstanceOf(LostError)
    expect(lost).toBeInstanceOf(ClosedChannelError)
    expect(closedError()).not.toBeInstanceOf(LostError)
    class OwnCancel extends CanceledError {}
    expect(canceledError()).not.toBeInstanceOf(OwnCancel)
    expect(new OwnCancel()).toBeInstanceOf(CanceledError)
    class OwnDeadline extends DeadlineExceededError {}
    expect(deadlineError()).not.toBeInstanceOf(OwnDeadline)
    expect(new OwnDeadline(1)).toBeInstanceOf(DeadlineExceededError)
  })
})

describe('the text', () => {
  const ch = channel<number>()
  const wrong = undefined as never
  const throwing: [string, () => unknown][] = [
    ['channel(-1)', () => channel(-1)],
    ['channel("1")', () => channel('1' as never)],
    ['channel(0, drop-oldest)', () => channel(0, { overflow: 'drop-oldest' })],
    ['channel(0, unknown)', () => channel(0, { overflow: 'no' as never })],
    ['channel(0, name)', () => channel(0, { name: 1 as never })],
    ['receive', () => ch.receive(null as never)],
    ['receive under a signal', () => ch.receive(new AbortController().signal as never)],
    ['receiveOnly', () => receiveOnly(wrong)],
    ['sendOnly', () => sendOnly(wrong)],
    ['select', () => select(wrong)],
    ['select of a promise', () => select([Promise.resolve()] as never)],
    ['select of a number', () => select({ inbox: 1 as never })],
    ['sendCase', () => sendCase(wrong, 1)],
    ['withCancel', () => withCancel(wrong)],
    ['withTimeout NaN', () => withTimeout(background(), NaN)],
    ['withTimeout text', () => withTimeout(background(), '1' as never)],
    ['withDeadline', () => withDeadline(background(), NaN)],
    ['withValue', () => withValue(background(), wrong, 1)],
    ['contextKey', () => contextKey(wrong)],
    ['afterFunc', () => afterFunc(background(), wrong)],
    ['sleep', () => sleep(NaN)],
    ['after', () => after('1' as never)],
    ['timer', () => timer(NaN)],
    ['ticker', () => ticker(0)],
    ['inlet', () => inlet({ capacity: -1, taken: () => {} })],
    [
      'outlet',
      () => outlet({ name: 1 as never, length: () => 0, isFull: () => false, write() {}, closed() {} }),
    ],
    ['trySend', () => closed().trySend(1)],
    ['close', () => closed().close()],
  ]

  function closed() {
    const closedChannel = channel<number>(0, { name: 'jobs' })
    closedChannel.close()
    return closedChannel
  }

  test.each(throwing)('api 10: reads "Cannot <verb> <thing>: <state>": %s', (_, f) => {
    expect((thrownBy(f) as Error).message).toMatch(/^Cannot [a-z].*: .+[^.]$/)
  })

  test.each([
    ['closed', closedError, 'Cannot send on channel "jobs": closed'],
    ['canceled', canceledError, 'Cannot continue: context canceled'],
    ['late', deadlineError, 'Cannot continue: context deadline exceeded'],
  ])('api 10: the text is stable: %s', (_, make, message) => {
    expect(make().message).toBe(message)
  })

  test('api 10: without a name the channel is called a channel', () => {
    const unnamed = channel<number>()
    unnamed.close()
    expect(() => unnamed.trySend(1)).toThrow('Cannot send on channel: closed')
    expect(() => unnamed.close()).toThrow('Cannot close channel: already closed')
    const blank = channel<number>(0, { name: '' })
    blank.close()
    expect(() => blank.trySend(1)).toThrow('Cannot send on channel "": closed')
    expect(blank.name).toBe('')
  })

  test('api 10: a text shows the value of the caller, short and without running it', () => {
    const long = 'x'.repeat(1_000)
    expect((thrownBy(() => channel(long as never)) as Error).message.length).toBeLessThan(200)
    const hostile = {
      toString: () => expect.unreachable('toString ran'),
      [Symbol.toPrimitive]: () => expect.unreachable('toPrimitive ran'),
    }
    expect(() => channel(hostile as never)).toThrow('an object')
    expect(() => channel(Symbol('s') as never)).toThrow('Symbol(s)')
  })
})

describe('the guards', () => {
  test.each([
    ['a CanceledError', canceledError(), true],
    ['the AbortError of the web', new DOMException('aborted', 'AbortError'), true],
    ['the reason of abort()', AbortSignal.abort().reason as unknown, true],
    ['an error of another copy, by its code', Object.assign(new Error('x'), { code: 'ERR_CANCELED' }), true],
    ['a DeadlineExceededError', deadlineError(), false],
    ['the TimeoutError of the web', new DOMException('late', 'TimeoutError'), false],
    ['an Error', new Error('canceled'), false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['text', 'ERR_CANCELED', false],
    ['a function with that code', Object.assign(() => {}, { code: 'ERR_CANCELED' }), false],
  ])('api 3: isCanceled of %s', (_, error, expected) => {
    expect(isCanceled(error)).toBe(expected)
  })

  test.each([
    ['a DeadlineExceededError', deadlineError(), true],
    ['the TimeoutError of the web', new DOMException('late', 'TimeoutError'), true],
    ['an error of another copy', Object.assign(new Error('x'), { code: 'ERR_DEADLINE_EXCEEDED' }), true],
    ['a CanceledError', canceledError(), false],
    ['the AbortError of the web', new DOMException('aborted', 'AbortError'), false],
    ['null', null, false],
    ['a number', 1, false],
  ])('api 3: isDeadlineExceeded of %s', (_, error, expected) => {
    expect(isDeadlineExceeded(error)).toBe(expected)
  })

  test('api 3: isDeadlineExceeded of what AbortSignal.timeout gives', async () => {
    const signal = AbortSignal.timeout(1)
    const error = await rejectionOf(channel().receive({ signal }))
    expect(isDeadlineExceeded(error)).toBe(true)
    expect(isCanceled(error)).toBe(false)
    expect(withCancel({ signal }).err).toBeInstanceOf(DeadlineExceededError)
  })
})

describe('J5 when errors are told', () => {
  test('api 1: what goes wrong with a channel reaches receive, send and select as a rejection, never as a throw', async () => {
    const dead = channel<number>()
    dead.close('broken')
    const controller = new AbortController()
    controller.abort('enough')
    const rejections = [
      dead.receive(),
      dead.send(1),
      select([dead]),
      select([sendCase(dead, 1)]),
      dead[Symbol.asyncIterator]().next(),
      channel().receive(controller),
      sleep(1, controller),
    ]
    expect((await Promise.allSettled(rejections)).map(({ status }) => status)).toEqual(
      rejections.map(() => 'rejected'),
    )
  })

  test('J5 a failed send that nobody handles is an unhandled rejection, like a panic', async () => {
    const unhandled: unknown[] = []
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (reason) => unhandled.push(reason))
    const ch = channel<number>()
    void ch.send(1)
    void select([sendCase(ch, 2)])
    ch.close()
    void ch.send(3)
    afterFunc(canceledContext(), () => {
      throw new Error('in a task of its own')
    })
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
    expect(unhandled).toMatchObject([
      { value: 1 },
      { value: 2 },
      { value: 3 },
      { message: 'in a task of its own' },
    ])
  })

  function canceledContext() {
    const ctx = withCancel(background())
    ctx.cancel()
    return ctx
  }
})
