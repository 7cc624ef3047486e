import { describeTransport } from './conformance.ts'
import { acceptPeer } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'

expectNoSocketLeft()

describeTransport({ name: 'a server in Node', connect: acceptPeer })
