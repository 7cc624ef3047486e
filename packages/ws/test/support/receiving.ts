import { CloseError, type Connection, type Message } from '@chansel/ws'
import { isStuck } from './pending.ts'

export function isSame(a: Message | undefined, b: Message | undefined): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  return a?.byteLength === b?.byteLength && a!.every((byte, i) => byte === b![i])
}

/** Receives until the end; `error` is what it failed with. */
export async function collect(conn: Connection): Promise<{ messages: Message[]; error: unknown }> {
  const messages: Message[] = []
  try {
    for await (const message of conn.incoming) messages.push(message)
    return { messages, error: undefined }
  } catch (error) {
    return { messages, error }
  }
}

/** What the next `count` messages say: the number of a text or at the beginning of a binary. */
export async function numbers(conn: Connection, count: number): Promise<number[]> {
  const seen: number[] = []
  for (let i = 0; i < count; i++) seen.push(numberOf((await conn.incoming.receive()).value))
  return seen
}

export function numberOf(message: Message | undefined): number {
  if (typeof message === 'string') return Number(message)
  if (message === undefined) return NaN
  return new DataView(message.buffer, message.byteOffset).getUint32(0)
}

/** Sends until a send waits for good: the peer does not read and everything in between is full. */
export async function fill(
  conn: Connection,
  message: Message,
): Promise<{ accepted: number; waiting: Promise<void> }> {
  for (let accepted = 0; ; accepted++) {
    const waiting = conn.outgoing.send(message)
    waiting.catch(() => {})
    if (await isStuck(waiting)) return { accepted, waiting }
  }
}

/** What a `CloseError` says, to compare; of anything else the thing itself. */
export function fieldsOf(error: unknown): unknown {
  if (!(error instanceof CloseError)) return error
  const { code, closeCode, reason, wasClean, by } = error
  return { code, closeCode, reason, wasClean, by }
}
