import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { onTestFinished } from 'vitest'
import { type ReadFrame, readFrames } from './frames.ts'
import { eventually } from './pending.ts'

/** The request of a right handshake; `fields` replace or, as `undefined`, leave out. */
export function handshake(
  fields: Readonly<Record<string, string | undefined>> = {},
  line = 'GET / HTTP/1.1',
): string {
  const all = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...fields,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return `${line}\r\n${lines.join('')}\r\n`
}

/** One end of a TCP connection that says what it is told, and keeps what comes back. */
export class RawEnd {
  readonly socket: Socket
  /** Each chunk as one read brought it. */
  readonly chunks: Buffer[] = []
  hasEnded = false
  readonly #frames: ReadFrame[] = []
  /** What `#frames` leaves over; `undefined` until the head is over. */
  #rest: Buffer | undefined
  #chunksRead = 0
  #changed: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.chunks.push(chunk)
      this.#notify()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.hasEnded = true
      this.#notify()
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Waits until something that came makes `check` true, or the stream has ended. */
  async until(check: () => boolean): Promise<void> {
    while (!check() && !this.hasEnded) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  #notify(): void {
    for (const tell of this.#changed.splice(0)) tell()
  }

  /** Status, fields (in lower case) and body of the answer, once its head is there. */
  async answer(): Promise<Answer> {
    await eventually('there is an answer', () => this.bytes.includes('\r\n\r\n') || this.hasEnded)
    return readAnswer(this.bytes.toString('latin1'))
  }

  /** The same, once the server ended the stream. */
  async lastAnswer(): Promise<Answer> {
    await this.ended()
    return readAnswer(this.bytes.toString('latin1'))
  }

  /** The frames that came after the handshake. */
  frames(): readonly ReadFrame[] {
    if (this.#chunksRead === this.chunks.length) return this.#frames
    const bytes = Buffer.concat([
      ...(this.#rest === undefined ? [] : [this.#rest]),
      ...this.chunks.slice(this.#chunksRead),
    ])
    const start = this.#rest === undefined ? bytes.indexOf(HEAD_END) + HEAD_END.length : 0
    if (this.#rest === undefined && start < HEAD_END.length) return []
    this.#chunksRead = this.chunks.length
    const frames = readFrames(bytes.subarray(start))
    this.#frames.push(...frames)
    this.#rest = bytes.subarray(start + frames.reduce((sum, { size }) => sum + size, 0))
    return this.#frames
  }

  /** Waits until the server ended the stream. */
  async ended(ms = 3_000): Promise<void> {
    await eventually('the stream has ended', () => this.hasEnded, ms)
  }
}

/** A TCP connection to a server of ours. */
export class RawClient extends RawEnd {
  constructor(port: number) {
    super(connect(port, '127.0.0.1'))
  }
}

const HEAD_END = '\r\n\r\n'

export interface Answer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
  readonly text: string
}

function readAnswer(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const fields = lines.map((field) => {
    const at = field.indexOf(':')
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()] as const
  })
  return {
    status: Number(line.split(' ')[1]),
    fields: Object.fromEntries(fields),
    body: rest.join('\r\n\r\n'),
    text,
  }
}

/** Connects and says `text`; gone when the test is over. */
export async function rawClient(port: number, text: string | Uint8Array = ''): Promise<RawClient> {
  const client = new RawClient(port)
  onTestFinished(() => void client.socket.destroy())
  await once(client.socket, 'connect')
  if (text.length > 0) client.socket.write(text)
  return client
}

/** The close code of the last frame, `undefined` if that is no close. */
export function closeCodeOf(frames: readonly ReadFrame[]): number | undefined {
  const last = frames.at(-1)
  if (last?.opcode !== 8 || last.payload.length < 2) return undefined
  return last.payload[0]! * 256 + last.payload[1]!
}
