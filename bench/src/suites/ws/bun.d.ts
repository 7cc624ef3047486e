/** As much of Bun's server as the loads use; it is not a dependency. */
declare namespace Bun {
  interface Socket {
    send(message: string | Uint8Array): number
    subscribe(topic: string): void
    readonly data: { count: number }
  }

  interface Server {
    readonly port: number
    upgrade(request: Request, options: { data: Socket['data'] }): boolean
    publish(topic: string, message: string | Uint8Array): number
  }

  function serve(options: {
    hostname: string
    port: number
    tls?: { key: string | Buffer; cert: string | Buffer }
    fetch: (request: Request, server: Server) => Response | undefined
    websocket: {
      open(socket: Socket): void
      message(socket: Socket, message: string | Buffer): void
      backpressureLimit?: number
    }
  }): Server
}
