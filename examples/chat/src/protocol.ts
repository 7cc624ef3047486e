// What the page and the server say to each other: JSON objects in text frames, one object per frame.
//
//   GET /chat?room=general&name=Ada&session=...   opens the conversation; `session` may be left out
//   page to server    say
//   server to page    welcome, then line, note and stats in any order
//
// Nothing here knows the page or the server: both import it, and so does the test.

import type { Message } from '@chansel/ws'

/** The most UTF-16 code units that a line may have. */
export const MAX_TEXT = 16 * 1024
/** No frame of the page is larger: each code unit of a line takes six bytes if JSON has to escape it. */
export const MAX_FRAME_BYTES = 6 * MAX_TEXT + 1024
/** The most characters that the name of a room or a person may have. */
export const MAX_NAME = 32

/** Who wants in, and where. */
export interface Hello {
  readonly room: string
  readonly name: string
  /** Made up by the page, and the same in all its connections. It is a name tag, not a credential. */
  readonly session: string
}

/** The page says a line. */
export interface Say {
  readonly type: 'say'
  /** 1, 2, 3 … in this session and room: with it, a line that is sent twice is said once. */
  readonly counter: number
  readonly text: string
  /** The number of a line that is only there to make traffic. Pages collapse such lines. */
  readonly burst?: number
}

/** The first message of the server. What the room remembers follows, as lines. */
export interface Welcome {
  readonly type: 'welcome'
  /** Changes after a restart, when the numbers of the lines begin again. */
  readonly epoch: string
  /** The name that was free. */
  readonly name: string
  /** The room has had this session's lines up to this counter: they need not be sent again. */
  readonly heard: number
  readonly members: readonly MemberStats[]
}

/** Somebody said this. For whoever said it, it is the acknowledgement. */
export interface Line {
  readonly type: 'line'
  /** The place in the room's conversation: 1, 2, 3 … */
  readonly seq: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly name: string
  readonly session: string
  readonly counter: number
  readonly text: string
  readonly burst?: number
}

/** Somebody came or went. Not part of the conversation: the room does not remember it. */
export interface Note {
  readonly type: 'note'
  readonly at: number
  readonly name: string
  readonly note: 'joined' | 'left'
}

/** How the room is doing, twice a second. */
export interface Stats {
  readonly type: 'stats'
  readonly at: number
  /** Memory of the server process. */
  readonly rssBytes: number
  readonly members: readonly MemberStats[]
}

export interface MemberStats {
  readonly name: string
  readonly session: string
  /** Lines in the member's mailbox, of `MAILBOX_CAPACITY`. */
  readonly mailbox: number
  /** Messages in the write channel of its connection. */
  readonly outgoing: number
  /** It has said something that the room has not taken yet. */
  readonly isWaiting: boolean
}

export const MAILBOX_CAPACITY = 64

export type FromServer = Welcome | Line | Note | Stats

/**
 * The server ends this connection. The reason travels to the page in the close frame: at most 123 bytes, and nothing
 * that a peer wrote.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly closeCode: number

  constructor(closeCode: 1008 | 1013, reason: string) {
    super(reason)
    this.closeCode = closeCode
  }
}

/** Reads the address of the handshake. @throws {Refusal} if it does not say who wants in, and where */
export function parseHello(url: string): Hello {
  const query = new URL(url, 'http://localhost').searchParams
  const room = query.get('room') ?? ''
  const name = tidyName(query.get('name') ?? '')
  const session = query.get('session') ?? crypto.randomUUID()
  if (!isRoom(room)) throw malformed('room must be 1 to 32 letters, digits, - or _')
  if (name === '') throw malformed(`name must be 1 to ${MAX_NAME} characters`)
  if (!/^[\w-]{1,64}$/.test(session)) throw malformed('session must be 1 to 64 letters, digits, - or _')
  return { room, name, session }
}

/** Reads what a page says. @throws {Refusal} if it is anything but a `say` */
export function parseSay(message: Message): Say {
  const said = parseObject(message)
  if (said?.['type'] !== 'say') throw malformed('expected the JSON object of a say in a text frame')
  const { counter, text, burst } = said
  if (!isCount(counter)) throw malformed('counter must be an integer from 1')
  if (typeof text !== 'string' || text.trim() === '')
    throw malformed('text must be a string that is not blank')
  if (text.length > MAX_TEXT) throw malformed(`text must have at most ${MAX_TEXT} characters`)
  if (burst !== undefined && !isCount(burst)) throw malformed('burst must be an integer from 1')
  // A new object with the known fields: whatever else the peer wrote goes no further.
  return burst === undefined ? { type: 'say', counter, text } : { type: 'say', counter, text, burst }
}

/**
 * Reads what the server says. `undefined` for a type that this page does not know: a newer server may say more than
 * an older page understands. The shape is the server's promise, and our own server keeps it.
 */
export function parseFromServer(message: Message): FromServer | undefined {
  const said = parseObject(message)
  const known = ['welcome', 'line', 'note', 'stats'] as const
  return known.some((type) => type === said?.['type']) ? (said as unknown as FromServer) : undefined
}

export function encode(message: FromServer | Say): string {
  return JSON.stringify(message)
}

/** The name of a room: it is part of addresses, so it is plain. */
export function isRoom(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,31}$/u.test(name)
}

/** The name as it can be shown; the empty string if nothing is left of it, or too much. */
export function tidyName(name: string): string {
  const tidy = name.replace(/[\p{C}\s]+/gu, ' ').trim()
  return tidy.length <= MAX_NAME ? tidy : ''
}

function malformed(expectation: string): Refusal {
  return new Refusal(1008, `Malformed message: ${expectation}`)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function parseObject(message: Message): Record<string, unknown> | undefined {
  if (typeof message !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(message)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
