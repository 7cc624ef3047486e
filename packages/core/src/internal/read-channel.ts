import { RECEIVE_END, type ReceiveEnd } from './end.ts'
import type { Cancel } from './foreign.ts'
import { asJson } from './json.ts'
import { type Received, ReceiveIterator, receiveFrom, tryReceiveFrom } from './operation.ts'

/** A read channel without a buffer, whose values nobody sends: they come from the clock, for example. */
export abstract class ReadChannel<T> {
  readonly length = 0
  readonly capacity = 0
  readonly toJSON: () => object = asJson
  abstract readonly name: string | undefined
  abstract readonly [RECEIVE_END]: ReceiveEnd<T>

  receive(cancel?: Cancel): Promise<Received<T>> {
    return receiveFrom(this[RECEIVE_END], cancel)
  }

  tryReceive(): Received<T> | undefined {
    return tryReceiveFrom(this[RECEIVE_END])
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new ReceiveIterator(this[RECEIVE_END])
  }
}
