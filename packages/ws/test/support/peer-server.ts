import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { PEER_CALLS, type Peer, type Script, readScriptUrl, scriptUrl } from './peer.ts'
import { PeerEnd, isScript } from './peer-end.ts'
import { WebSocket, WebSocketServer } from './stock-ws.ts'

/** A server of stock `ws` whose connections play the script of their URL. */
export interface PeerServer extends AsyncDisposable {
  /** `ws://127.0.0.1:port`: for `scriptUrl`. */
  readonly origin: string
  /** The connection that was dialled with this id. */
  peer(id: string): Promise<PeerEnd>
}

export async function startPeerServer(): Promise<PeerServer> {
  const ends = new Map<string, PeerEnd>()
  const all = new Set<PeerEnd>()
  const awaited = new Map<string, (end: PeerEnd) => void>()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 2 ** 30 })
  const server = createServer((request, response) => void answer(request, response))

  server.on('upgrade', (request: IncomingMessage, stream: Socket, head: Buffer) => {
    const { script, id } = readScriptUrl(request.url ?? '/')
    if (!isScript(script)) {
      stream.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', () => stream.destroy())
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const end = new PeerEnd(socket, stream, false)
      all.add(end)
      ends.set(id, end)
      awaited.get(id)?.(end)
      end.play(script)
    })
  })

  /** A page calls a peer: the method is the path, its arguments are the body. */
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const method = PEER_CALLS.find((name) => pathname === `/${name}`)
    const peer = ends.get(searchParams.get('id') ?? '') as Peer | undefined
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Content-Type', 'application/json')
    if (method === undefined || peer === undefined) {
      response.end(JSON.stringify({ error: `no peer for ${request.url}` }))
      return
    }
    const args = JSON.parse(Buffer.concat(chunks).toString()) as never[]
    const result: unknown = await (peer[method] as (...args: never[]) => Promise<unknown>)(...args)
    response.end(JSON.stringify({ result }))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    peer: async (id) => ends.get(id) ?? new Promise((resolve) => awaited.set(id, resolve)),
    [Symbol.asyncDispose]: async () => {
      for (const end of all) end.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A client of stock `ws` that plays a script. */
export async function connectPeer(origin: string, script: Script): Promise<PeerEnd> {
  const socket = new WebSocket(scriptUrl(origin, script, ''), {
    perMessageDeflate: false,
    maxPayload: 2 ** 30,
  })
  let end: PeerEnd | undefined
  socket.on('upgrade', ({ socket: stream }: IncomingMessage) => {
    end = new PeerEnd(socket, stream, true)
    socket.once('open', () => end!.play(script))
  })
  await once(socket, 'open')
  return end!
}
