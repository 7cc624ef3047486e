import { createRequire } from 'node:module'
import { dirname } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * `ws` as it is published, by its place: for its name Bun has one of its own, whose clients have no stream. Peers are
 * to be the same everywhere.
 */
export const { WebSocket, WebSocketServer } = require(
  dirname(require.resolve('ws/package.json')),
) as typeof import('ws')
export type WebSocket = InstanceType<typeof WebSocket>
