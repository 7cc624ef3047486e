import { afterAll, beforeAll } from 'vitest'
import { describeTransport } from './conformance.ts'
import { dialPeer } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { type PeerServer, startPeerServer } from './support/peer-server.ts'

let server: PeerServer
beforeAll(async () => {
  server = await startPeerServer()
})
afterAll(() => server[Symbol.asyncDispose]())

expectNoSocketLeft()

describeTransport({
  name: 'a client in Node',
  connect: (script, options) => dialPeer(server, script, options),
})
