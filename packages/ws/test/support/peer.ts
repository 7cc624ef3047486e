import type { Message } from '@chansel/ws'

/** A message as JSON. */
export type Wire = { readonly text: string } | { readonly base64: string }

/** A frame that a peer writes byte by byte, past its library. Masked as its side has to, unless told. */
export interface FrameSpec {
  readonly opcode: number
  /** The payload in hex. */
  readonly hex?: string
  readonly fin?: boolean
  /** The three reserved bits, as a number from 0 to 7. */
  readonly rsv?: number
  /** Masked where it must not be, or not masked where it must. */
  readonly wrongMask?: boolean
}

/**
 * What a peer does once it said all: it stays, ends the stream without a close frame, resets it, ends it when
 * the next bytes come, which answer a close that was among the frames, or closes.
 */
export type Ending =
  | 'stay'
  | 'fin'
  | 'cut'
  | 'answered'
  | { readonly code?: number; readonly reason?: string }

/** What the other end does as soon as it is connected. It answers pings and a close unless it says otherwise. */
export interface Scripts {
  /** Reads, and says nothing. */
  silent: object
  /** Sends back what it gets. */
  echo: object
  /** Reads nothing until it is told to. */
  deaf: object
  /** Reads bytes and understands none: no close and no ping is ever answered. */
  mute: object
  /** Sends these messages. */
  send: { readonly messages: readonly Wire[]; readonly then?: Ending }
  /** Sends the texts '0', '1', … */
  count: { readonly count: number; readonly then?: Ending }
  /** Sends binary messages of `size` bytes (at least 4), which begin with their number. */
  flood: { readonly count: number; readonly size: number; readonly then?: Ending }
  /** Sends texts of `size` three-byte characters each. */
  texts: { readonly count: number; readonly size: number }
  /** Writes frames in one piece, without the last `missing` bytes. */
  frames: { readonly frames: readonly FrameSpec[]; readonly missing?: number; readonly then?: Ending }
  /** Closes with a code and never ends its side of the stream. */
  linger: { readonly code: number }
}

export type Script = { [Name in keyof Scripts]: { readonly name: Name } & Scripts[Name] }[keyof Scripts]

/**
 * The other end of a connection: stock `ws` with none of our code. In Node it is an object of the same
 * process, in a page the messages of these calls go to it by HTTP; so they carry JSON.
 */
export interface Peer {
  send(...messages: Wire[]): Promise<void>
  /** Reads, from now on. */
  read(): Promise<void>
  /** Says something with a ping and resolves to what the pong said. */
  ping(data: string): Promise<string>
  close(code?: number, reason?: string): Promise<void>
  /** Resets the stream. */
  cut(): Promise<void>
  /** The first `count` messages, once it has them. */
  received(count: number): Promise<Wire[]>
  /** Waits until it has `count` messages, and says of how many '0', '1', … was the right one. */
  counted(count: number): Promise<{ messages: number; inOrder: number }>
  /** How it saw the end, once it did. */
  ended(): Promise<{ code: number; reason: string }>
  /** How much of what it sent waits on its side. */
  bufferedAmount(): Promise<number>
  /** The same, once it grows no smaller. */
  stalled(): Promise<number>
}

export function scriptUrl(origin: string, script: Script, id: string): string {
  const { name, ...args } = script
  return `${origin}/${name}?id=${id}&args=${encodeURIComponent(JSON.stringify(args))}`
}

export function readScriptUrl(target: string): { script: Script; id: string } {
  const url = new URL(target, 'ws://localhost')
  const args = JSON.parse(url.searchParams.get('args') ?? '{}') as object
  return {
    script: { name: url.pathname.slice(1), ...args } as Script,
    id: url.searchParams.get('id') ?? '',
  }
}

export const PEER_CALLS = [
  'send',
  'read',
  'ping',
  'close',
  'cut',
  'received',
  'counted',
  'ended',
  'bufferedAmount',
  'stalled',
] as const satisfies (keyof Peer)[]

/** A peer that is reached by HTTP, with `id` as in the URL that was dialled. */
export function remotePeer(origin: string, id: string): Peer {
  const call =
    (method: string) =>
    async (...args: unknown[]) => {
      // A type that asks no permission of the server first.
      const headers = { 'Content-Type': 'text/plain' }
      const body = JSON.stringify(args.map((arg) => arg ?? null))
      const response = await fetch(`${origin}/${method}?id=${id}`, { method: 'POST', headers, body })
      const { result, error } = (await response.json()) as { result?: unknown; error?: string }
      if (error !== undefined) throw new Error(error)
      return result
    }
  return Object.fromEntries(PEER_CALLS.map((method) => [method, call(method)])) as unknown as Peer
}

export function toWire(message: Message): Wire {
  return typeof message === 'string' ? { text: message } : { base64: toBase64(message) }
}

export function fromWire(wire: Wire): Message {
  return 'text' in wire ? wire.text : Uint8Array.from(atob(wire.base64), (char) => char.charCodeAt(0))
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
