import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Context, afterFunc } from 'chansel'
import { WebSocket } from 'ws'
import { DialError, textOf } from '../errors.ts'
import { headOf, refusalOf, streamOf } from './answer.ts'
import type { DialSettings, Transport } from './port.ts'
import { WhatwgTransport, isWhatwgSocket } from './whatwg.ts'
import { WsTransport } from './ws.ts'

/**
 * Opens a WebSocket. `opened` is called in the step in which it opens, before a message can be missed, and
 * what it makes is the result. Once `ctx` ends nothing of the attempt is left.
 *
 * @throws DialError if the server does not answer, or not with a WebSocket
 */
export function connect<T>(
  url: string,
  settings: DialSettings,
  ctx: Context,
  opened: (transport: Transport) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    /** The server's 101, until the WebSocket is open: it may be wrong. */
    let switching: IncomingMessage | undefined
    const fail = (cause: unknown): void =>
      reject(new DialError(url, textOf(cause), { ...(switching && headOf(switching)), cause }))
    let socket: WebSocket
    try {
      socket = new WebSocket(url, [...settings.protocols], {
        ...settings.request,
        ...wsOptions(settings),
      })
    } catch (thrown) {
      return fail(thrown) // by an agent, which may fail so or by its callback
    }
    let stream: Socket | null = null
    /** The server answered with something else: how that answer ends says nothing any more. */
    let isAnswered = false
    const stop = afterFunc(ctx, () => {
      if (isAnswered) return
      socket.terminate()
      reject(ctx.err)
    })
    socket.on('upgrade', (response: IncomingMessage) => {
      switching = response
      stream = streamOf(response)
    })
    socket.on('open', () => {
      switching = undefined
      // A cancel that came in this very turn still wins: its function has not run yet.
      if (!stop()) return
      socket.removeListener('error', failed)
      resolve(opened(new WsTransport(socket, stream, settings.maxMessageBytes)))
    })
    socket.on('unexpected-response', (request, response: IncomingMessage) => {
      isAnswered = true
      void refusalOf(url, response, ctx).then((error) => {
        stop()
        request.destroy()
        reject(error)
      })
    })
    socket.on('error', failed)
    function failed(cause: Error): void {
      if (isAnswered) return
      stop()
      fail(cause)
    }
  })
}

/** Makes a transport of a WebSocket that exists: of `ws`, or one like the browser's. */
export function adopt(socket: unknown, maxMessageBytes: number): Transport | undefined {
  if (isWsSocket(socket)) return new WsTransport(socket, undefined, maxMessageBytes)
  return isWhatwgSocket(socket) ? new WhatwgTransport(socket, maxMessageBytes) : undefined
}

// By its parts: another copy of `ws` may be loaded.
function isWsSocket(socket: unknown): socket is WebSocket {
  const { on, terminate, pause } = socket as Partial<WebSocket>
  return typeof on === 'function' && typeof terminate === 'function' && typeof pause === 'function'
}

/** What `ws` is told at either end of a connection. */
export function wsOptions({ maxMessageBytes, compression, closeTimeoutMs }: WsSettings): object {
  return {
    // `ws` also counts the compressed bytes, and there may be more of those than the message has. The message
    // itself we count when it has come.
    maxPayload: compression ? maxMessageBytes + maxMessageBytes / 1024 + 1024 : maxMessageBytes,
    // Off by default: a connection that negotiated it costs some 220 KiB from its first message on.
    perMessageDeflate: compression && {
      threshold: 1024,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    // Runs from the peer's close frame on, of which only `ws` knows, and by a timer of the host.
    closeTimeout: Math.min(closeTimeoutMs, 2 ** 31 - 1),
    autoPong: false,
  }
}

type WsSettings = Pick<DialSettings, 'maxMessageBytes' | 'compression' | 'closeTimeoutMs'>

/** The number of bytes that `text` has on the wire. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text)
}
