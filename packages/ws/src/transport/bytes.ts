import type { Message } from './port.ts'

const encoder = new TextEncoder()

/** The number of bytes that `text` has on the wire. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength
}

export function sizeOf(message: Message): number {
  return typeof message === 'string' ? byteLength(message) : message.byteLength
}

/** By their tag: those of another realm, an iframe or a test environment, are bytes, too. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array'
}
