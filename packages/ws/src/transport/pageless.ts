import type { TransportEvents } from './port.ts'
import { type WhatwgSocket, WhatwgTransport } from './whatwg.ts'

const CONNECTING = 0

/**
 * A WHATWG WebSocket outside a page. By the standard a failure closes it, fires `error`, and then `close` with the
 * code; that of Node 22, if it cannot connect, fires `error` alone, and stays connecting for ever.
 */
export class PagelessTransport extends WhatwgTransport {
  readonly #socket: WhatwgSocket

  constructor(socket: WhatwgSocket, maxMessageBytes: number) {
    super(socket, maxMessageBytes)
    this.#socket = socket
  }

  override start(events: TransportEvents): void {
    super.start(events)
    this.#socket.addEventListener('error', () => {
      if (this.#socket.readyState === CONNECTING) queueMicrotask(() => this.end(1006, ''))
    })
  }
}
