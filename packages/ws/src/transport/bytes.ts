import type { Message } from './port.ts'

const encoder = new TextEncoder()

/** The number of bytes that `text` has on the wire. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength
}

export function sizeOf(message: Message): number {
  return typeof message === 'string' ? byteLength(message) : message.byteLength
}
