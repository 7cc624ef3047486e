import {
  type Channel,
  type ReceiveChannel,
  type SendChannel,
  channel,
  receiveOnly,
  sendOnly,
  ticker,
} from 'chansel'
import { type StreamChannel, fromEvents, fromReadableStream, toReadableStream } from 'chansel/interop'
import { type Chan, type Receiver, type Sender, fromTsChan, toTsChan } from 'chansel/ts-chan'
import { expectTypeOf, test } from 'vitest'

const numbers = channel<number>()

test('api 7: streams and events carry the type of their values', () => {
  expectTypeOf(fromReadableStream(new ReadableStream<string>())).toEqualTypeOf<StreamChannel<string>>()
  expectTypeOf(toReadableStream(numbers)).toEqualTypeOf<ReadableStream<number>>()
  expectTypeOf(fromEvents(new EventTarget(), 'click')).toExtend<ReceiveChannel<Event>>()
  expectTypeOf(fromEvents<MouseEvent>(new EventTarget(), 'click')).toExtend<ReceiveChannel<MouseEvent>>()
  expectTypeOf(fromEvents(process, 'SIGINT')).toExtend<ReceiveChannel<unknown>>()
  expectTypeOf(fromEvents(process, 'SIGINT')).not.toExtend<ReceiveChannel<Event>>()
  // @ts-expect-error a target has events
  fromEvents<number>(new EventTarget(), 'click')
  // @ts-expect-error a port has events: it is a target, too
  fromEvents<number>(new MessageChannel().port1, 'message')
  // @ts-expect-error events cannot wait
  fromEvents(new EventTarget(), 'click', { overflow: 'wait' })
})

test('api 7: a Chan is a channel, and a channel has the faces of its halves', () => {
  expectTypeOf(fromTsChan({} as Chan<string>)).toEqualTypeOf<Channel<string>>()
  expectTypeOf(toTsChan(numbers)).toExtend<Receiver<number> & Sender<number>>()
  expectTypeOf(toTsChan(receiveOnly(numbers))).toExtend<Receiver<number>>()
  expectTypeOf(toTsChan(receiveOnly(numbers))).not.toExtend<Sender<number>>()
  expectTypeOf(toTsChan(sendOnly(numbers))).toExtend<Sender<number>>()
  expectTypeOf(toTsChan(ticker(1))).toExtend<Receiver<number>>()
})

test('there and back is the same type; a receiver or sender of another make is refused', () => {
  expectTypeOf(fromTsChan(toTsChan(numbers))).toEqualTypeOf<Channel<number>>()
  expectTypeOf(fromTsChan(toTsChan(receiveOnly(numbers)))).toEqualTypeOf<ReceiveChannel<number>>()
  expectTypeOf(fromTsChan(toTsChan(sendOnly(numbers)))).toEqualTypeOf<SendChannel<number>>()
  // @ts-expect-error a select has to look before it takes, which a bare receiver cannot
  fromTsChan({} as Receiver<number>)
  // @ts-expect-error the same for a sender
  fromTsChan({} as Sender<number>)
})
