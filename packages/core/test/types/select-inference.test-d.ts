// What a select makes of cases that are not written on the spot: kept in variables, widened, generic, of unions.

import {
  type Cancel,
  type Channel,
  type Context,
  type ReceiveChannel,
  type Received,
  type SelectCase,
  type SelectCases,
  type Selected,
  type SendCase,
  type SendChannel,
  type Ticker,
  type Timer,
  after,
  background,
  channel,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  ticker,
  timer,
  trySelect,
  withCancel,
} from 'chansel'
import { expectTypeOf, test } from 'vitest'

interface Animal {
  name: string
}
interface Dog extends Animal {
  bark(): void
}

declare const dogs: Channel<Dog>
declare const animals: Channel<Animal>
declare const dog: Dog
declare const enabled: boolean

test('api 2: cases in a variable keep their labels; an array there needs as const to keep its indexes', async () => {
  const labelled = { dog: dogs, sent: sendCase(animals, dog) }
  expectTypeOf((await select(labelled)).case).toEqualTypeOf<'dog' | 'sent'>()
  const widened = [dogs, animals]
  expectTypeOf((await select(widened)).case).toEqualTypeOf<number>()
  const tuple = [dogs, sendCase(animals, dog)] as const
  const event = await select(tuple)
  expectTypeOf(event.case).toEqualTypeOf<0 | 1>()
  if (event.case === 0 && event.ok) expectTypeOf(event.value).toEqualTypeOf<Dog>()
})

test('api 2: cases of which nothing is known', async () => {
  const list: SelectCase[] = [dogs, null]
  const event = await select(list)
  expectTypeOf(event.case).toEqualTypeOf<number>()
  if ('ok' in event && event.ok) expectTypeOf(event.value).toEqualTypeOf<unknown>()
  const record: Record<string, SelectCase> = {}
  expectTypeOf((await select(record)).case).toEqualTypeOf<string>()
  const either = list as SelectCases
  expectTypeOf((await select(either)).case).toEqualTypeOf<string | number>()
})

test('api 2: cases whose type is an interface or a class', async () => {
  interface Inputs {
    readonly dog: ReceiveChannel<Dog>
    readonly line?: ReceiveChannel<string>
  }
  const inputs: Inputs = { dog: dogs }
  const event = await select(inputs)
  expectTypeOf(event.case).toEqualTypeOf<'dog' | 'line'>()
  if (event.case === 'dog' && event.ok) expectTypeOf(event.value).toEqualTypeOf<Dog>()
  class Inbox {
    readonly dogs = dogs
  }
  expectTypeOf(trySelect(new Inbox())?.case).toEqualTypeOf<'dogs' | undefined>()
  interface Wrong extends Inputs {
    readonly count: number
  }
  // @ts-expect-error one of them is no case
  void select({} as Wrong)
})

test('api 2: every way to switch a case off', async () => {
  const maybe: Channel<Dog> | null = enabled ? dogs : null
  const optional: { dog?: ReceiveChannel<Dog> } = enabled ? { dog: dogs } : {}
  const event = await select({
    maybe,
    optional: optional.dog,
    sent: enabled && sendCase(animals, dog),
    conditional: enabled ? sendCase(dogs, dog) : undefined,
    off: false,
  })
  expectTypeOf(event.case).toEqualTypeOf<'maybe' | 'optional' | 'sent' | 'conditional'>()
  if (event.case === 'optional' && event.ok) expectTypeOf(event.value).toEqualTypeOf<Dog>()
  if (event.case === 'conditional') expectTypeOf(event).toEqualTypeOf<{ readonly case: 'conditional' }>()
  const listed = await select([enabled && dogs, null, maybe])
  expectTypeOf(listed.case).toEqualTypeOf<0 | 2>()
})

test('api 2: falsy values of another kind are no way to switch a case off', () => {
  // @ts-expect-error 0 is no case
  void select([0])
  // @ts-expect-error nor is ''
  void select({ empty: '' })
  const count: number = 1
  // @ts-expect-error so a count is not enough of a condition
  void select({ sent: count && sendCase(animals, dog) })
})

test('api 2: a case that is one of two channels gives one of two values', async () => {
  const texts = channel<string>()
  const event = await select({ mixed: enabled ? texts : dogs })
  if (event.ok) expectTypeOf(event.value).toEqualTypeOf<string | Dog>()
})

test('api 4: timers, tickers, views and done are read channels', async () => {
  const ctx = withCancel(background())
  const event = await select({
    late: timer(5),
    beat: ticker(5),
    once: after(5),
    dog: receiveOnly(dogs),
    done: ctx.done,
  })
  if (event.case === 'late' && event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
  if (event.case === 'beat' && event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
  if (event.case === 'dog' && event.ok) expectTypeOf(event.value).toEqualTypeOf<Dog>()
  if (event.case === 'done') expectTypeOf(event.ok).toEqualTypeOf<false>()
  // @ts-expect-error a write channel needs sendCase
  void select({ sending: sendOnly(dogs) })
  expectTypeOf<Timer>().toExtend<SelectCase>()
  expectTypeOf<Ticker>().toExtend<SelectCase>()
})

test('api 2: a thenable is not a case, whatever it resolves to', () => {
  const thenable = { then: (resolve: (dog: Dog) => void) => resolve(dog) }
  // @ts-expect-error
  void select([thenable])
  // @ts-expect-error a promise of a channel is no channel
  void select({ ch: Promise.resolve(dogs) })
  // @ts-expect-error
  void select(Promise.resolve({ dogs }))
  async function* generator() {
    yield dog
  }
  // @ts-expect-error an async iterable is no channel
  void select([generator()])
})

test('api 2: the cancel of a select is anything with a signal', () => {
  void select([dogs], withCancel(background()))
  void select([dogs], new AbortController())
  // @ts-expect-error
  void select([dogs], new AbortController().signal)
  // @ts-expect-error nothing to wait for, so nothing to cancel
  trySelect([dogs], background())
})

test('api 2: an outcome is not to be changed', async () => {
  const event = await select({ dog: dogs })
  // @ts-expect-error
  event.ok = true
  // @ts-expect-error
  event.case = 'dog'
})

test('C33 a send case takes what its channel takes: more special values, not more general ones', () => {
  expectTypeOf(sendCase(animals, dog)).toExtend<SendCase<Animal>>()
  expectTypeOf<SendCase<Dog>>().toExtend<SendCase<Animal>>()
  sendCase<Dog>(animals, dog)
  // @ts-expect-error an animal is no dog
  sendCase(dogs, { name: 'cat' })
  const literal: Channel<'on' | 'off'> = channel()
  sendCase(literal, 'on')
  // @ts-expect-error
  sendCase(literal, 'maybe')
})

test('functions over channels of any type', async () => {
  async function first<T>(ch: ReceiveChannel<T>, cancel?: Cancel): Promise<T | undefined> {
    const result: Received<T> = await ch.receive(cancel)
    return result.ok ? result.value : undefined
  }
  async function forward<T>(from: ReceiveChannel<T>, to: SendChannel<T>, ctx: Context): Promise<boolean> {
    const event = await select({ value: from, done: ctx.done })
    switch (event.case) {
      case 'value':
        if (!event.ok) return false
        await to.send(event.value, ctx)
        return (await select({ sent: sendCase(to, event.value), done: ctx.done })).case === 'sent'
      case 'done':
        return false
    }
  }
  async function race<const Cases extends SelectCases>(cases: Cases): Promise<Selected<Cases>> {
    return trySelect(cases) ?? select(cases)
  }
  expectTypeOf(await first(dogs)).toEqualTypeOf<Dog | undefined>()
  expectTypeOf(await first<Animal>(dogs)).toEqualTypeOf<Animal | undefined>()
  void forward(dogs, animals, background())
  // @ts-expect-error animals are no dogs
  void forward<Dog>(animals, dogs, background())
  const event = await race({ dog: dogs, sent: sendCase(animals, dog) })
  expectTypeOf(event.case).toEqualTypeOf<'dog' | 'sent'>()
})
