import {
  type Channel,
  type ReceiveChannel,
  type SendCase,
  type SelectCases,
  type Selected,
  after,
  background,
  channel,
  never,
  select,
  sendCase,
  trySelect,
  withCancel,
} from 'chansel'
import { expectTypeOf, test } from 'vitest'

const inbox = channel<string>()
const numbers = channel<number>()
const outbox = channel<Date>()
const ctx = withCancel(background())

function unreachable(event: never): never {
  throw new Error(`Unreachable: ${String(event)}`)
}

test('api 2: an object of cases is narrowed by its labels, exhaustively', async () => {
  const event = await select({
    message: inbox,
    number: numbers,
    sent: sendCase(outbox, new Date()),
    tick: after(5),
    done: ctx.done,
  })
  expectTypeOf(event.case).toEqualTypeOf<'message' | 'number' | 'sent' | 'tick' | 'done'>()
  switch (event.case) {
    case 'message':
      expectTypeOf(event.value).toEqualTypeOf<string | undefined>()
      if (event.ok) expectTypeOf(event.value).toEqualTypeOf<string>()
      break
    case 'number':
      if (!event.ok) return
      expectTypeOf(event.value).toEqualTypeOf<number>()
      break
    case 'sent':
      expectTypeOf(event).toEqualTypeOf<{ readonly case: 'sent' }>()
      // @ts-expect-error a send has no value
      void event.value
      break
    case 'tick':
      if (event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
      break
    case 'done':
      expectTypeOf(event.ok).toEqualTypeOf<false>()
      expectTypeOf(event.value).toEqualTypeOf<undefined>()
      break
    default:
      unreachable(event)
  }
})

test('api 2: a forgotten case is an error', async () => {
  const event = await select({ message: inbox, done: ctx.done })
  switch (event.case) {
    case 'message':
      break
    default:
      // @ts-expect-error done is left
      unreachable(event)
  }
  // @ts-expect-error there is no such label
  if (event.case === 'massage') return
})

test('api 2: an array of cases is narrowed by its indexes, exhaustively', async () => {
  const event = await select([inbox, numbers, sendCase(outbox, new Date()), ctx.done])
  expectTypeOf(event.case).toEqualTypeOf<0 | 1 | 2 | 3>()
  switch (event.case) {
    case 0:
      if (event.ok) expectTypeOf(event.value).toEqualTypeOf<string>()
      break
    case 1:
      if (event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
      break
    case 2:
      expectTypeOf(event).toEqualTypeOf<{ readonly case: 2 }>()
      break
    case 3:
      expectTypeOf(event.ok).toEqualTypeOf<false>()
      break
    default:
      unreachable(event)
  }
})

test('api 2: an array of unknown length has a number as case', async () => {
  const channels: Channel<number>[] = []
  const event = await select(channels)
  expectTypeOf(event.case).toEqualTypeOf<number>()
  if (event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
})

test('api 2: a record of cases has a string as case', async () => {
  const channels: Record<string, ReceiveChannel<number>> = {}
  const event = await select(channels)
  expectTypeOf(event.case).toEqualTypeOf<string>()
  if (event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
})

test('api 2: a label that looks like a number is a string, as it is at run time', async () => {
  const event = await select({ 1: inbox })
  expectTypeOf(event.case).toEqualTypeOf<'1'>()
})

test('api 2: false, null and undefined are cases that never happen', async () => {
  const queue: Date[] = []
  const event = await select({
    message: inbox,
    sent: queue.length > 0 && sendCase(outbox, queue[0]!),
    off: null,
    later: undefined,
    maybe: queue.length > 0 ? numbers : undefined,
  })
  expectTypeOf(event.case).toEqualTypeOf<'message' | 'sent' | 'maybe'>()
  const nothing = await select([false, null, undefined])
  expectTypeOf(nothing).toEqualTypeOf<never>()
  expectTypeOf(await select([])).toEqualTypeOf<never>()
  expectTypeOf(await select({})).toEqualTypeOf<never>()
})

test('api 3: done gives only ok: false', async () => {
  expectTypeOf(await ctx.done.receive())
    .toHaveProperty('value')
    .toEqualTypeOf<undefined>()
  const event = await select([ctx.done, never])
  expectTypeOf(event).toEqualTypeOf<
    | { readonly case: 0; readonly value: undefined; readonly ok: false }
    | { readonly case: 1; readonly value: undefined; readonly ok: false }
  >()
})

test('api 2: a promise is not a case', () => {
  // @ts-expect-error
  void select([inbox.receive()])
  // @ts-expect-error
  void select({ message: Promise.resolve(1) })
  // @ts-expect-error
  trySelect([Promise.resolve(1)])
})

test('api 2: nothing else is a case', () => {
  // @ts-expect-error
  void select([1])
  // @ts-expect-error
  void select({ message: 'inbox' })
  // @ts-expect-error
  void select([true])
  // @ts-expect-error
  void select([() => inbox])
  // @ts-expect-error a channel alone is no set of cases
  void select(inbox)
})

test('api 2: the value of a send case is checked', () => {
  sendCase(numbers, 1)
  // @ts-expect-error
  sendCase(numbers, '1')
  // @ts-expect-error
  sendCase(numbers, undefined)
  // @ts-expect-error there is no receive-only channel to send to
  sendCase(ctx.done, 1)
})

test('api 2: trySelect may give undefined', () => {
  const event = trySelect({ message: inbox })
  expectTypeOf(event).toEqualTypeOf<
    | { readonly case: 'message'; readonly value: string; readonly ok: true }
    | { readonly case: 'message'; readonly value: undefined; readonly ok: false }
    | undefined
  >()
})

test('S12 a case that may be left out says nothing of the result being undefined', () => {
  type Maybe = { a?: ReceiveChannel<string>; b: ReceiveChannel<number> }
  expectTypeOf<Selected<Maybe>['case']>().toEqualTypeOf<'a' | 'b'>()
  expectTypeOf<Selected<readonly [ReceiveChannel<string>, ReceiveChannel<number>?]>['case']>().toEqualTypeOf<
    0 | 1
  >()
})

test('api 2: what says nothing is sent without a value, and nothing else is', () => {
  const semaphore = channel<void>(1)
  expectTypeOf(sendCase(semaphore)).toEqualTypeOf<SendCase<void>>()
  expectTypeOf(sendCase(semaphore, undefined)).toEqualTypeOf<SendCase<void>>()
  // @ts-expect-error a number has to be said
  sendCase(numbers)
})

test('api 2: Selected and SelectCases name the types', () => {
  const cases = { message: inbox, sent: sendCase(numbers, 1) }
  expectTypeOf(cases).toExtend<SelectCases>()
  expectTypeOf<Selected<typeof cases>['case']>().toEqualTypeOf<'message' | 'sent'>()
})
