/** The bytes of `text`, in hex. */
export function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The payload of a close frame, in hex. */
export function closeHex(code: number, reason = ''): string {
  return code.toString(16).padStart(4, '0') + hexOf(reason)
}
