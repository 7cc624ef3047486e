import type { Message } from './connection.ts'
import type { CodecError } from './errors.ts'
import { checkFunction, checkObject } from './options.ts'

/** How values become messages, and messages values. */
export interface Codec<out In, in Out> {
  /** Makes a value of a message. Awaited in order: the next message is decoded after this one. May throw or reject. */
  decode(message: Message): In | Promise<In>
  /** Makes a message of a value, in each send. May throw. */
  encode(value: Out): Message
  /**
   * What becomes of a message that does not decode: `'close'`, the default, refuses it with 1007; `'skip'` drops
   * it; a function is called and awaited, and the message dropped.
   */
  onInvalid?: OnInvalid | undefined
}

/** What becomes of a message that does not decode: see `Codec`. */
export type OnInvalid = 'close' | 'skip' | ((error: CodecError, message: Message) => void | Promise<void>)

/** @throws TypeError for anything but a codec */
export function checkCodec(codec: Codec<unknown, never>): void {
  checkObject('use a codec: expected { decode, encode }', codec)
  if (typeof codec.decode !== 'function' || typeof codec.encode !== 'function')
    throw new TypeError('Cannot use a codec: decode and encode must be functions')
  checkOnInvalid(codec)
}

/** @throws TypeError for anything but an `OnInvalid` */
export function checkOnInvalid(options: { onInvalid?: OnInvalid | undefined }): void {
  const { onInvalid } = options
  if (onInvalid !== 'close' && onInvalid !== 'skip')
    checkFunction(options, 'onInvalid', "'close', 'skip' or a function")
}

/** Whether `value` has to be awaited. */
export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
