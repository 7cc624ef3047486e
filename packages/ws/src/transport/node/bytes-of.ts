/** Up to here a message is copied: as a view it would keep the whole chunk alive in which it came. */
const COPIED_BYTES = 4096

/** The bytes of a message of `ws`, to be handed on. */
export function bytesOf(data: Buffer): Uint8Array {
  return data.length <= COPIED_BYTES
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
