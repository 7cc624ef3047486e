// Go: test/chan/perm.go — fifteen uses of receive-only and send-only channels, of cases and of close must not
//   compile, and the others must.
// Go: test/fixedbugs/issue6847.go — in the cases of a select a channel stands for each of its halves, and a
//   value for each of its interfaces.

import {
  type Channel,
  type ReceiveChannel,
  type SendChannel,
  background,
  channel,
  group,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
} from 'chansel'
import { type Inlet, type InletOptions, type Outlet, type OutletOptions, inlet, outlet } from 'chansel/device'
import { fromEvents } from 'chansel/interop'
import { type Route, map } from 'chansel/pipeline'
import type { SingleFlight } from 'chansel/sync'
import { expectTypeOf, test } from 'vitest'

declare let receiver: ReceiveChannel<number>
declare let sender: SendChannel<number>
declare let both: Channel<number>
declare let n: number

// perm.go: the numbers count its lines that must not compile.
test('C33 a channel is assignable to a receive-only or a send-only one, never back', () => {
  receiver = both
  sender = both
  // @ts-expect-error 1: a receive-only channel is no channel
  both = receiver
  // @ts-expect-error 2: a send-only channel is no channel
  both = sender
  // @ts-expect-error 3: a send-only channel is no receive-only one
  receiver = sender
  // @ts-expect-error 4: a receive-only channel is no send-only one
  sender = receiver
})

test('C33 what is no channel can neither be received from nor sent to', () => {
  // @ts-expect-error 5: a number has no receive
  void n.receive()
  // @ts-expect-error 6: and no send
  void n.send(2)
})

test('C33 a receive-only channel cannot be sent to', () => {
  void both.send(0)
  // @ts-expect-error 7: it has no send
  void receiver.send(0)
  void receiver.receive()
  n = receiver.tryReceive()!.value ?? 0
})

test('C33 a send-only channel cannot be received from', async () => {
  void sender.send(0)
  // @ts-expect-error 8: it has no receive
  void sender.receive()
  // @ts-expect-error nor one that does not wait
  n = sender.tryReceive().value
  // @ts-expect-error 9: nor the pair of value and ok
  const { value, ok } = await sender.receive()
  void [value, ok]
})

test('C33 the cases of a select keep to the directions', () => {
  // @ts-expect-error 10: a send case needs a send side
  void select([sendCase(both, 0), both, sendCase(receiver, 0), receiver, sendCase(sender, 0)])
  // @ts-expect-error 11: a send-only channel is no receive case
  void select([both, sender])
})

test('issue6847.go: C33 in a select a channel stands for each of its halves', async () => {
  const receivers = channel<ReceiveChannel<number>>(1)
  const senders = channel<SendChannel<number>>(1)
  const channels = channel<Channel<number>>(1)
  await select([sendCase(receivers, receiver), sendCase(receivers, both)])
  await select([sendCase(senders, sender), sendCase(senders, both)])
  // @ts-expect-error a half is no channel
  await select([sendCase(channels, receiver)])
  const event = await select([channels])
  if (event.ok) receiver = sender = both = event.value
  // @ts-expect-error nor is what was received from a channel of halves
  if (event.ok) both = (await receivers.receive()).value
})

test('issue6847.go: in a select a value stands for each interface that it has', async () => {
  interface Named {
    name: string
  }
  interface Labelled {
    name: string
  }
  const [named, labelled] = [channel<Named>(), channel<Labelled>()]
  let [x, y]: [Named, Labelled] = [{ name: 'x' }, { name: 'y' }]
  await select([sendCase(named, x), sendCase(named, y), sendCase(labelled, x), sendCase(labelled, y)])
  const event = await select({ named, labelled })
  if (event.ok) x = y = event.value
  // @ts-expect-error it stands for no other
  if (event.ok) n = event.value
})

test('C33 range needs a receive side', async () => {
  // @ts-expect-error 12: for await with a variable
  // oxlint-disable-next-line typescript/await-thenable
  for await (const value of sender) void value
  // @ts-expect-error 13: and without
  // oxlint-disable-next-line typescript/await-thenable
  for await (const _ of sender);
})

test('C33 C15 close needs a send side', () => {
  both.close()
  sender.close()
  // @ts-expect-error 14: a receive-only channel has no close
  receiver.close()
  // @ts-expect-error 15: nor has a number
  n.close()
})

test('C15 views have one direction', () => {
  expectTypeOf(receiveOnly(both)).toEqualTypeOf<ReceiveChannel<number>>()
  expectTypeOf(sendOnly(both)).toEqualTypeOf<SendChannel<number>>()
  // @ts-expect-error
  sendOnly(receiver)
  // @ts-expect-error
  receiveOnly(sender)
})

interface Animal {
  name: string
}
interface Dog extends Animal {
  bark(): void
}

test('a receive channel is covariant, a send channel contravariant, a channel neither', () => {
  expectTypeOf<ReceiveChannel<Dog>>().toExtend<ReceiveChannel<Animal>>()
  expectTypeOf<ReceiveChannel<Animal>>().not.toExtend<ReceiveChannel<Dog>>()
  expectTypeOf<SendChannel<Animal>>().toExtend<SendChannel<Dog>>()
  expectTypeOf<SendChannel<Dog>>().not.toExtend<SendChannel<Animal>>()
  expectTypeOf<Channel<Dog>>().not.toExtend<Channel<Animal>>()
  expectTypeOf<Channel<Animal>>().not.toExtend<Channel<Dog>>()
  expectTypeOf<Channel<Dog>>().toExtend<ReceiveChannel<Animal>>()
  expectTypeOf<Channel<Animal>>().toExtend<SendChannel<Dog>>()
  expectTypeOf<Channel<Dog>>().not.toExtend<SendChannel<Animal>>()
  expectTypeOf<Channel<Animal>>().not.toExtend<ReceiveChannel<Dog>>()
})

test('the value that is sent is checked', () => {
  // @ts-expect-error
  void both.send('text')
  // @ts-expect-error
  both.trySend(undefined)
  // @ts-expect-error
  void both.send()
  const signals = channel<void>()
  void signals.send()
  // @ts-expect-error
  void signals.send(1)
})

test('never fits wherever a read channel is asked for', () => {
  receiver = never
  expectTypeOf(never).toExtend<ReceiveChannel<string>>()
})

test('api 1: received tells value and end apart', async () => {
  const result = await receiver.receive()
  expectTypeOf(result.value).toEqualTypeOf<number | undefined>()
  if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>()
  else expectTypeOf(result.value).toEqualTypeOf<undefined>()
  const tried = receiver.tryReceive()
  if (tried?.ok) expectTypeOf(tried.value).toEqualTypeOf<number>()
  // @ts-expect-error a result is not to be changed
  result.value = 1
  for await (const value of receiver) expectTypeOf(value).toEqualTypeOf<number>()
})

test('api 1: promises are ordinary values', async () => {
  const promises = channel<Promise<number>>()
  const { value } = await promises.receive()
  expectTypeOf(value).toEqualTypeOf<Promise<number> | undefined>()
  const next = await promises[Symbol.asyncIterator]().next()
  if (!next.done) expectTypeOf(next.value).toEqualTypeOf<Promise<number>>()
})

test('api 1: options are checked', () => {
  channel<number>(1, { name: 'jobs', overflow: 'drop-oldest' })
  // @ts-expect-error
  channel<number>(1, { overflow: 'drop' })
  // @ts-expect-error
  channel<number>('1')
  // @ts-expect-error lengths are for reading
  both.length = 1
  // @ts-expect-error
  both.closed = true
})

test('an option that is undefined is left out', () => {
  const { name, limit }: { name?: string; limit?: number } = {}
  channel<number>(limit, { name, overflow: undefined })
  void group(background(), () => 1, { limit, errors: undefined })
  map([1], (n) => n, { concurrency: limit })
  fromEvents(new EventTarget(), 'click', { name, capacity: limit })
  inlet<number>({ capacity: 1, taken: () => {}, behind: undefined })
  outlet<number>({
    length: () => 0,
    isFull: () => false,
    write: () => {},
    closed: () => {},
    check: undefined,
    waits: undefined,
  })
})

test('what takes a value does not pass for what takes more, also beside channels', () => {
  expectTypeOf<Inlet<Dog>>().not.toExtend<Inlet<Animal>>()
  expectTypeOf<Inlet<Animal>>().not.toExtend<Inlet<Dog>>()
  expectTypeOf<InletOptions<Animal>>().toExtend<InletOptions<Dog>>()
  expectTypeOf<InletOptions<Dog>>().not.toExtend<InletOptions<Animal>>()
  expectTypeOf<OutletOptions<Animal>>().toExtend<OutletOptions<Dog>>()
  expectTypeOf<OutletOptions<Dog>>().not.toExtend<OutletOptions<Animal>>()
  expectTypeOf<Outlet<Dog>>().not.toExtend<Outlet<Animal>>()
  expectTypeOf<SingleFlight<string, Dog>>().not.toExtend<SingleFlight<string, Animal>>()
  expectTypeOf<Route<string, Dog>>().toExtend<Route<'rex', Animal>>()
  expectTypeOf<Route<'rex', Dog>>().not.toExtend<Route<string, Dog>>()
})
