import { once } from 'node:events'
import type { Socket } from 'node:net'
import { encodeFrame } from './frames.ts'
import { type Ending, type Peer, type Scripts, type Wire, fromWire } from './peer.ts'
import type { WebSocket } from './stock-ws.ts'

/** How many messages a peer keeps to be looked at; it counts all. */
const KEPT = 4_096
const LOOK_MS = 10
/** What got no less for so many looks stands still. */
const STILL_LOOKS = 12

/** One end of a stream, in the hands of stock `ws`. It plays a script, then does what it is told. */
export class PeerEnd implements Peer {
  readonly socket: WebSocket
  readonly stream: Socket
  readonly #isClient: boolean
  readonly #kept: Wire[] = []
  #messages = 0
  #inOrder = 0
  #end: { code: number; reason: string } | undefined
  /** Called at each message and at the end. */
  #changed: (() => void)[] = []

  constructor(socket: WebSocket, stream: Socket, isClient: boolean) {
    this.socket = socket
    this.stream = stream
    this.#isClient = isClient
    socket.on('message', (data: Buffer, isBinary) => this.#message(data, isBinary))
    // What the library makes of a reset or of bytes that are no frames is not what is tested.
    socket.on('error', () => {})
    socket.on('close', (code, reason) => {
      this.#end = { code, reason: reason.toString() }
      this.#notify()
    })
  }

  play<Name extends keyof Scripts>(script: { readonly name: Name } & Scripts[Name]): void {
    const { name, ...args } = script
    const run = SCRIPTS[name]
    run(this, args as unknown as Scripts[Name])
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (!isBinary && data.toString() === String(this.#messages)) this.#inOrder++
    this.#messages++
    if (this.#kept.length < KEPT)
      this.#kept.push(isBinary ? { base64: data.toString('base64') } : { text: data.toString() })
    this.#notify()
  }

  #notify(): void {
    const changed = this.#changed
    this.#changed = []
    for (const tell of changed) tell()
  }

  async #until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  async send(...messages: Wire[]): Promise<void> {
    for (const message of messages) this.socket.send(fromWire(message))
  }

  async read(): Promise<void> {
    this.socket.resume()
  }

  async ping(data: string): Promise<string> {
    this.socket.ping(data)
    const [answer] = (await once(this.socket, 'pong')) as [Buffer]
    return answer.toString()
  }

  async close(code?: number, reason?: string): Promise<void> {
    this.socket.close(code ?? undefined, reason ?? undefined)
  }

  async cut(): Promise<void> {
    this.stream.resetAndDestroy()
  }

  async received(count: number): Promise<Wire[]> {
    await this.#until(() => this.#messages >= count || this.#end !== undefined)
    return this.#kept.slice(0, count)
  }

  async counted(count: number): Promise<{ messages: number; inOrder: number }> {
    await this.#until(() => this.#messages >= count || this.#end !== undefined)
    return { messages: this.#messages, inOrder: this.#inOrder }
  }

  async ended(): Promise<{ code: number; reason: string }> {
    await this.#until(() => this.#end !== undefined)
    return this.#end!
  }

  async bufferedAmount(): Promise<number> {
    return this.socket.bufferedAmount
  }

  async stalled(): Promise<number> {
    let least = Infinity
    for (let still = 0; still < STILL_LOOKS; still++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      // It may grow, by the answers to pings.
      if (this.socket.bufferedAmount < least) still = 0
      least = Math.min(least, this.socket.bufferedAmount)
    }
    return this.socket.bufferedAmount
  }

  /** Writes frames past the library, in one piece. */
  write({ frames, missing = 0 }: Scripts['frames']): void {
    const bytes = Buffer.concat(
      frames.map((frame) => encodeFrame(frame, this.#isClient !== (frame.wrongMask ?? false))),
    )
    this.stream.write(bytes.subarray(0, bytes.length - missing))
  }

  finish(ending: Ending | undefined): void {
    if (ending === undefined || ending === 'stay') return
    if (ending === 'fin') this.stream.end()
    else if (ending === 'cut') this.stream.write('', () => this.stream.resetAndDestroy())
    else if (ending === 'answered') {
      this.stream.removeAllListeners('data')
      this.stream.once('data', () => this.stream.end()).resume()
    } else this.socket.close(ending.code, ending.reason)
  }

  destroy(): void {
    this.stream.destroy()
  }
}

const SCRIPTS: { readonly [Name in keyof Scripts]: (end: PeerEnd, args: Scripts[Name]) => void } = {
  silent: () => {},
  echo: ({ socket }) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  deaf: ({ socket }) => socket.pause(),
  mute: ({ stream }) => {
    stream.removeAllListeners('data')
    stream.resume()
  },
  send: (end, { messages, then }) => {
    for (const message of messages) end.socket.send(fromWire(message))
    end.finish(then)
  },
  count: (end, { count, then }) => {
    for (let i = 0; i < count; i++) end.socket.send(String(i))
    end.finish(then)
  },
  flood: (end, { count, size, then }) => {
    for (let i = 0; i < count; i++) {
      const message = Buffer.alloc(size)
      message.writeUInt32BE(i)
      end.socket.send(message)
    }
    end.finish(then)
  },
  texts: ({ socket }, { count, size }) => {
    for (let i = 0; i < count; i++) socket.send('漢'.repeat(size))
  },
  frames: (end, args) => {
    end.write(args)
    end.finish(args.then)
  },
  linger: ({ socket, stream }, { code }) => {
    stream.allowHalfOpen = true
    stream.end = () => stream
    socket.close(code)
  },
}

export function isScript({ name }: { readonly name: string }): boolean {
  return name in SCRIPTS
}
