import { type Context, afterFunc } from 'chansel'
import type { DialSettings, Transport } from './port.ts'
import { StreamTransport, type WebSocketStreamConstructor } from './stream.ts'
import { WhatwgTransport, isWhatwgSocket } from './whatwg.ts'

export { byteLength } from './bytes.ts'

/**
 * Opens a WebSocket: a `WebSocketStream` where there is one, because only that can stop the peer, and else the
 * plain `WebSocket`. `opened` is called before a message can be missed, and what it makes is the result.
 *
 * @throws what the browser says of one that does not open, which is never why
 */
export function connect<T>(
  url: string,
  settings: DialSettings,
  ctx: Context,
  opened: (transport: Transport) => T,
): Promise<T> {
  const { WebSocketStream } = globalThis as { WebSocketStream?: WebSocketStreamConstructor }
  return WebSocketStream === undefined || !settings.webSocketStream
    ? connectPlain(url, settings, ctx, opened)
    : StreamTransport.connect(WebSocketStream, url, settings, ctx, opened)
}

function connectPlain<T>(
  url: string,
  settings: DialSettings,
  ctx: Context,
  opened: (transport: Transport) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...settings.protocols])
    const stop = afterFunc(ctx, () => {
      socket.close()
      reject(ctx.err)
    })
    socket.addEventListener('open', () => {
      // A cancel that came in this very turn still wins: its function has not run yet.
      if (stop()) resolve(opened(new WhatwgTransport(socket, settings.maxMessageBytes)))
    })
    // `close` may not come: see `WhatwgTransport`.
    socket.addEventListener('error', reject)
  })
}

/** Makes a transport of a WebSocket that exists. */
export function adopt(socket: unknown, maxMessageBytes: number): Transport | undefined {
  return isWhatwgSocket(socket) ? new WhatwgTransport(socket, maxMessageBytes) : undefined
}
