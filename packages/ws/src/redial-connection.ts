import type { Context, ReceiveChannel, SendChannel } from 'chansel'
import type { Message } from './connection.ts'
import type { CloseInfo } from './errors.ts'

/** A connection that is made again whenever it is lost. */
export interface RedialConnection extends AsyncDisposable {
  /**
   * The read channel: the messages of all its connections, one connection after the other. While nobody receives,
   * the current peer is stopped, as by a `Connection`.
   *
   * Closing: it closes after the last message once `close` was called; after giving up, it fails with the reason.
   */
  readonly incoming: ReceiveChannel<Message>
  /**
   * The write channel. A send resolves when the outbox holds the message; its `length` is that of the outbox.
   *
   * Closing: `close()` says "nothing more to say": the connection ends once the outbox was sent, over a new one if
   * need be; `close(error)` ends it as `close(1011)` does. From then on sends fail with a `CloseError` that carries
   * the message.
   */
  readonly outgoing: SendChannel<Message>
  /** Cancelled when it has ended for good, with the reason as cause. Has the values of `parent`. */
  readonly ctx: Context
  /** Resolves when it has ended for good; never rejects. `unsent` counts the outbox, too. */
  readonly closed: Promise<CloseInfo>
  /** What is dialled; where the program dials, what the newest connection says, and nothing before there is one. */
  readonly url: string
  /** What it is doing. Holds only the newest state, so nobody has to receive. Closes after `'closed'`. */
  readonly state: ReceiveChannel<RedialState>
  /**
   * Ends it for good, whatever it is doing. An open connection first sends what is in the outbox; that and the close
   * handshake take `closeTimeoutMs` at most.
   *
   * @param code 1000 unless told otherwise
   * @param reason at most 123 bytes
   * @throws TypeError, RangeError at once for a code or reason that no close frame may carry
   */
  close(code?: number, reason?: string): Promise<CloseInfo>
}

/** What a redialled connection is doing. */
export interface RedialState {
  /** `'waiting'` is before the next attempt. */
  readonly status: 'connecting' | 'open' | 'waiting' | 'closed'
  /**
   * Which attempt in a row: 1 for the first, and for the first after a connection that lasted. While `'waiting'`,
   * that of the last; 0 after a connection that lasted, or without a network.
   */
  readonly attempt: number
  /** While `'waiting'`: how long, in ms. Without it, it waits for the network to come back. */
  readonly delayMs?: number
  /** Why it is `'waiting'` or `'closed'`: the `DialError` of the last attempt, or the `CloseError` of a connection. */
  readonly error?: unknown
}
