import { createHash } from 'node:crypto'
import type { Connection, Message } from '@chansel/ws'
import { expect } from 'vitest'
import { encodeFrame, type ReadFrame } from '../support/frames.ts'
import type { FrameSpec } from '../support/peer.ts'
import { type RawEnd, closeCodeOf } from '../support/raw-client.ts'
import type { Role } from '../support/roles.ts'
import { OPCODES, type ProtocolCase, close } from './case.ts'

/** How the frames are put on the wire. */
export type Manner = 'at once' | 'frame by frame' | 'byte by byte'

/** Plays a case against an echo of ours and compares the outcome with the expected one. */
export async function play(role: Role, which: ProtocolCase, manner: Manner): Promise<void> {
  const { conn, raw } = await role.connect()
  const received: Message[] = []
  const echoing = echo(conn, received)
  const { send, messages = [], pongs = [], close: code = 1000, by } = which
  const isUnprovoked = which.close === undefined

  await say(role, raw, send, manner)
  if (isUnprovoked) {
    await raw.until(() => dataOf(raw).length === messages.length && pongsOf(raw).length === pongs.length)
    await say(role, raw, [close(1000)], manner)
  }
  await raw.until(() => raw.frames().at(-1)?.opcode === OPCODES.close)
  // A server ends the stream; a client waits for that. Source: RFC 6455, section 7.1.1.
  if (!role.isRawMasked) raw.socket.end()
  const info = await conn.closed
  await echoing
  await raw.until(() => false)

  expect(received.map(shown), 'what we received').toEqual(messages.map(shown))
  const echoed = dataOf(raw)
  // If a close comes directly after a message, the echo of the message may come too late.
  const least = isUnprovoked ? messages.length : awaited(send)
  expect(echoed.map(shown), 'what we sent').toEqual(
    messages.slice(0, Math.max(least, echoed.length)).map(shown),
  )
  expect(pongsOf(raw), 'our pongs').toEqual(pongs)
  const frames = raw.frames()
  expect(frames.filter(({ opcode }) => opcode === OPCODES.close)).toHaveLength(1)
  expect(frames.at(-1)!.opcode, 'our last frame').toBe(OPCODES.close)
  expect(closeCodeOf(frames) ?? 1005, 'the code of our close').toBe(code)
  expect(info).toMatchObject({ code, by: isUnprovoked ? 'remote' : (by ?? 'local') })
  // A close is answered with its code; the reason is the peer's own.
  if (by === 'remote' || isUnprovoked) expect(info.wasClean).toBe(true)
}

/** A message to compare: bytes one by one are slow to, and unreadable. */
function shown(message: Message): string {
  const kind = typeof message === 'string' ? 'text' : 'binary'
  const bytes = Buffer.from(message as string)
  const content = bytes.length <= 64 ? bytes.toString('hex') : createHash('sha1').update(bytes).digest('hex')
  return `${kind} of ${bytes.length} bytes: ${content}`
}

async function echo(conn: Connection, received: Message[]): Promise<void> {
  try {
    for await (const message of conn.incoming) {
      received.push(message)
      // Ended, as `conn.closed` says.
      await conn.outgoing.send(message).catch(() => {})
    }
  } catch {
    // The same.
  }
}

async function say(
  { isRawMasked }: Role,
  raw: RawEnd,
  steps: readonly (FrameSpec | number)[],
  manner: Manner,
): Promise<void> {
  let together: Buffer[] = []
  const flush = (): void => {
    if (together.length > 0) raw.socket.write(Buffer.concat(together))
    together = []
  }
  for (const step of steps) {
    if (typeof step === 'number') {
      flush()
      await raw.until(() => dataOf(raw).length >= step)
      continue
    }
    const bytes = encodeFrame(step, isRawMasked)
    if (manner === 'at once') together.push(bytes)
    const size = manner === 'byte by byte' ? 1 : bytes.length
    for (let at = 0; manner !== 'at once' && at < bytes.length && raw.socket.writable; at += size) {
      raw.socket.write(bytes.subarray(at, at + size))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  flush()
}

/** How many messages had to come back before the last frame left. */
function awaited(steps: readonly (FrameSpec | number)[]): number {
  return Math.max(0, ...steps.filter((step) => typeof step === 'number'))
}

function dataOf(raw: RawEnd): Message[] {
  return raw
    .frames()
    .filter(isData)
    .map(({ opcode, payload }) =>
      opcode === OPCODES.text ? Buffer.from(payload).toString() : new Uint8Array(payload),
    )
}

function isData({ opcode }: ReadFrame): boolean {
  return opcode === OPCODES.text || opcode === OPCODES.binary
}

function pongsOf(raw: RawEnd): string[] {
  return raw
    .frames()
    .filter(({ opcode }) => opcode === OPCODES.pong)
    .map(({ payload }) => Buffer.from(payload).toString('hex'))
}
