import { type Cancel, afterFunc } from 'chansel'
import { DialError } from '../errors.ts'
import type { DialSettings, Transport } from './port.ts'
import { StreamTransport, type WebSocketStreamConstructor } from './stream.ts'
import { WhatwgTransport, isWhatwgSocket } from './whatwg.ts'

export { byteLength } from './bytes.ts'

/**
 * Opens a WebSocket: a `WebSocketStream` where there is one, because only that can stop the peer, and else the
 * plain `WebSocket`. `opened` is called before a message can be missed, and what it makes is the result.
 *
 * @throws DialError if it does not open; a browser does not say why
 */
export function connect<T>(
  url: string,
  settings: DialSettings,
  cancel: Cancel,
  opened: (transport: Transport) => T,
): Promise<T> {
  const { WebSocketStream } = globalThis as { WebSocketStream?: WebSocketStreamConstructor }
  return WebSocketStream === undefined || !settings.webSocketStream
    ? connectPlain(url, settings, cancel, opened)
    : StreamTransport.connect(WebSocketStream, url, settings, cancel, opened)
}

function connectPlain<T>(
  url: string,
  settings: DialSettings,
  cancel: Cancel,
  opened: (transport: Transport) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...settings.protocols])
    const stop = afterFunc(cancel, () => {
      socket.close()
      reject(new DialError(url, 'it was cancelled'))
    })
    socket.addEventListener('open', () => {
      // A cancel that came in this very turn still wins: its function has not run yet.
      if (stop()) resolve(opened(new WhatwgTransport(socket, settings.maxMessageBytes)))
    })
    socket.addEventListener('close', ({ code }) => {
      stop()
      reject(new DialError(url, `it did not open (${code})`))
    })
  })
}

/** Makes a transport of a WebSocket that exists. */
export function adopt(socket: unknown, maxMessageBytes: number): Transport | undefined {
  return isWhatwgSocket(socket) ? new WhatwgTransport(socket, maxMessageBytes) : undefined
}
