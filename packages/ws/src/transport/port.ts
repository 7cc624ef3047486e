import type { ClosedBy } from '../errors.ts'

/** Text is a string, binary is bytes: in both directions, never mixed up. */
export type Message = string | Uint8Array

/** What can be sent besides a message. */
export abstract class Parcel {
  /** What an error about it carries. */
  abstract readonly message: Message | undefined

  /** Its turn has come. MUST NOT throw. */
  abstract passTo(passage: Passage): void
}

/** Where what is sent leaves. */
export interface Passage {
  readonly transport: Transport
  /** Who sends a message in parts: nothing else leaves meanwhile. Told when the kernel took something. */
  stream: { drained(): void } | undefined
  /** The transport was given the last of a message. */
  sent(message: Message): void
}

/**
 * A message for many connections. A transport that frames messages itself keeps the frame here, so it is made
 * once; any other sends `message`.
 */
export class PreparedMessage extends Parcel {
  readonly message: Message
  frame: Uint8Array | undefined

  constructor(message: Message) {
    super()
    this.message = message
  }

  passTo(passage: Passage): void {
    const { transport } = passage
    if (transport.sendPrepared === undefined) transport.send(this.message)
    else transport.sendPrepared(this)
    passage.sent(this.message)
  }
}

/** A part of a message. A part of a text may end within a character. */
export interface MessageFragment {
  readonly data: Uint8Array
  readonly kind: 'text' | 'binary'
  readonly isLast: boolean
}

/**
 * One end of an open WebSocket, as a platform has it. A connection drives it; it reports to `TransportEvents`.
 *
 * A transport MUST report each message once, in order, with its kind, and `ended` once, last. Its methods MUST
 * NOT throw, and `send` and `resume`, which are called from within operations on channels, MUST NOT report.
 */
export interface Transport {
  readonly url: string
  readonly protocol: string
  /** False: `pause` does nothing, and what arrives has to be kept or refused. */
  readonly canPause: boolean
  /** Bytes that `send` took and the kernel has not. `Infinity` while the socket is not open, or not any more. */
  readonly bufferedBytes: number
  /** Messages that `send` took and the kernel has not. */
  readonly bufferedMessages: number
  /** Grows whenever something arrives from the peer, even one byte. */
  readonly activity: number
  /** To whom it reports, from `start` on. */
  readonly events: TransportEvents | undefined
  /**
   * Has messages that come in fragments reported part by part, in order with the others; no other message is
   * reported before the last part. To be called before `start`. Absent where messages come whole only.
   *
   * @returns false if it is too late, because the WebSocket is open: they come whole
   */
  receiveFragments?(arrived: (fragment: MessageFragment) => void): boolean
  /** Begins to report. Nothing that arrived before is lost. */
  start(events: TransportEvents): void
  /** Takes a message whatever `bufferedBytes` is; those of one turn leave in one write where possible. */
  send(message: Message): void
  /** The same for a prepared message; absent where there is nothing to prepare. */
  sendPrepared?(message: PreparedMessage): void
  /**
   * Sends a part of a message; no other is sent before its last part. Absent where messages can only be sent whole.
   * Of the parts only the last counts in `bufferedMessages`.
   */
  sendFragment?(fragment: MessageFragment): void
  /** Stops reading from the peer. What was read before is still reported. */
  pause(): void
  resume(): void
  /** Begins the close handshake, after all that was sent. Nothing if a close has begun on either side. */
  close(code: number, reason: string): void
  /**
   * The same because of something that the peer did; `cause` comes back in `refused` and `ended`. A transport that
   * reports fragments reports nothing of what comes behind.
   */
  refuse(code: number, cause: unknown): void
  /** Cuts the connection off; `ended` follows, with `cause` unless the platform has said before what failed. */
  destroy(cause?: Error): void
  /** Sends a ping; this and the next are absent where the platform has none. */
  ping?(data: string): void
  /** Sends something that the peer does not answer and no one sees. */
  probe?(): void
}

export interface TransportEvents {
  /** @param size in bytes, on the wire */
  message(message: Message, size: number): void
  /** The kernel took something: `bufferedBytes` or `bufferedMessages` went down. */
  drained(): void
  pong(data: string): void
  /** What the peer did breaks the protocol or a limit; the close handshake with `code` has begun. */
  refused(code: number, cause: unknown): void
  ended(end: TransportEnd): void
}

/** How a transport ended, as far as it knows. */
export interface TransportEnd {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /** `'remote'`: the peer's close frame came first. */
  readonly by: ClosedBy
  /** Messages that arrived before may be missing. */
  readonly isIncomplete?: boolean
  readonly cause?: unknown
}

/** What a platform's `connect` is told; all of it was checked. */
export interface DialSettings {
  readonly protocols: readonly string[]
  readonly maxMessageBytes: number
  readonly closeTimeoutMs: number
  readonly compression: boolean
  /** Browser only. */
  readonly webSocketStream: boolean
  /** Node only: what else `ws` is told about the request. */
  readonly request?: object
}
