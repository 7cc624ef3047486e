import { describeTransport } from '../test/conformance.ts'
import { pipePeer, skippedInPipes } from '../test/support/pipe-peer.ts'

describeTransport({
  name: 'a pipe in a page',
  connect: pipePeer,
  crowd: 20_000,
  skip: {
    ...skippedInPipes,
    'ping measures the round trip': 'it takes less time than the clock of a page can tell',
  },
})
