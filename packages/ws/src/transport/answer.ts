import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Cancel, withTimeout } from 'chansel'
import { DialError } from '../errors.ts'

/** What a server said instead of switching to a WebSocket, as the error of the dial. */
export async function refusalOf(url: string, response: IncomingMessage, cancel: Cancel): Promise<DialError> {
  const { status, headers } = headOf(response)
  const place = headers['location'] === undefined ? '' : `, to ${headers['location']}`
  const redirect = status >= 300 && status < 400 ? ` (redirects are not followed${place})` : ''
  const body = await bodyOf(response, cancel)
  return new DialError(url, `the server answered ${status}${redirect}`, { status, headers, body })
}

/** The head of an answer, as a `DialError` has it. */
export function headOf(response: IncomingMessage): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) headers[name] = String(value)
  return { status: response.statusCode ?? 0, headers }
}

/**
 * The first KiB, or what of it came in `BODY_MS`: the rest of the answer is known, and must not wait for a slow
 * body.
 */
async function bodyOf(response: IncomingMessage, cancel: Cancel): Promise<string> {
  // Asked for now: when the answer is over, an agent may have taken its stream back, to keep it.
  const stream = streamOf(response)
  const chunks: Buffer[] = []
  let bytes = 0
  const read = new Promise<void>((resolve) => {
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= BODY_BYTES) resolve()
    })
    response.on('error', () => resolve())
    response.on('close', () => resolve())
  })
  using limit = withTimeout(cancel, BODY_MS)
  await Promise.race([read, limit.done.receive()])
  stream?.destroy()
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString()
}

/** The stream that an answer came by. On Bun, which has a client of its own in place of `ws`, there is none. */
export function streamOf({ socket }: { readonly socket: Socket | null }): Socket | null {
  return socket
}

const BODY_BYTES = 1024
const BODY_MS = 1_000
