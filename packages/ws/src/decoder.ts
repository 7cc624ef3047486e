import type { ReceiveChannel, Received } from 'chansel'
import { type Inlet, inlet } from 'chansel/device'
import { type Codec, isThenable } from './codec.ts'
import type { Connection, Message } from './connection.ts'
import { CloseError, CodecError } from './errors.ts'
import type { RedialConnection } from './redial-connection.ts'

/**
 * Makes values of a connection's messages. It needs no task: it asks for the next message when no value is left to
 * take.
 *
 * Invariants:
 * 1. Messages are decoded one at a time and in order; none while a decoded one waits in the inlet.
 * 2. Once `#refusal` is set nothing is decoded, and `incoming` is read to its end.
 */
export class Decoder<In> {
  readonly #conn: Connection | RedialConnection
  readonly #codec: Codec<In, never>
  readonly #inlet: Inlet<In>
  #isDecoding = false
  #refusal: CloseError | undefined

  constructor(conn: Connection | RedialConnection, codec: Codec<In, never>) {
    const { incoming } = conn
    this.#conn = conn
    this.#codec = codec
    this.#inlet = inlet({
      name: incoming.name ?? 'incoming',
      capacity: incoming.capacity,
      taken: () => this.#next(),
      behind: () => incoming.length + (this.#isDecoding ? 1 : 0),
    })
    this.#next()
  }

  get channel(): ReceiveChannel<In> {
    return this.#inlet.channel
  }

  #next(): void {
    this.#conn.incoming.receive().then(this.#received, this.#failed)
  }

  readonly #failed = (error: unknown): void => this.#inlet.close(error)

  readonly #received = ({ value, ok }: Received<Message>): void => {
    if (!ok) this.#inlet.close(this.#refusal)
    else if (this.#refusal !== undefined) this.#next()
    else this.#decode(value)
  }

  #decode(message: Message): void {
    this.#isDecoding = true
    try {
      const decoded = this.#codec.decode(message)
      if (isThenable(decoded))
        Promise.resolve(decoded).then(this.#decoded, (cause: unknown) => void this.#invalid(message, cause))
      else this.#decoded(decoded)
    } catch (cause) {
      void this.#invalid(message, cause)
    }
  }

  readonly #decoded = (value: In): void => {
    this.#isDecoding = false
    if (this.#inlet.offer(value)) this.#next()
  }

  async #invalid(message: Message, cause: unknown): Promise<void> {
    const error = new CodecError('decode', cause)
    const { onInvalid = 'close' } = this.#codec
    try {
      if (onInvalid === 'close') this.#refuse(1007, error)
      else if (onInvalid !== 'skip') await onInvalid(error, message)
    } catch (thrown) {
      this.#refuse(1011, thrown)
    }
    this.#isDecoding = false
    this.#next()
  }

  #refuse(code: number, cause: unknown): void {
    // For where `incoming` does not fail by itself: the end came before the refusal, or the connection is not one
    // of ours.
    this.#refusal = new CloseError({ code, reason: '', wasClean: false, by: 'local' }, { cause })
    refuse(this.#conn, code, cause)
  }
}

/** What our own connections can do besides: be closed because of something that the peer sent. */
export interface Refusing {
  refuse(code: number, cause: unknown): void
}

/** @param conn if it is not one of ours, `cause` is lost */
export function refuse(
  conn: (Connection | RedialConnection) & Partial<Refusing>,
  code: number,
  cause: unknown,
): void {
  if (conn.refuse) conn.refuse(code, cause)
  else void conn.close(code)
}
