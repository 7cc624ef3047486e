import type { TestProject } from 'vitest/node'
import { startPeerServer } from '../test/support/peer-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `ws://127.0.0.1:port` of the server that the tests in the page talk to. */
    peerOrigin: string
  }
}

/** Starts the other end of all connections of the pages. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPeerServer()
  project.provide('peerOrigin', server.origin)
  return async () => server[Symbol.asyncDispose]()
}
