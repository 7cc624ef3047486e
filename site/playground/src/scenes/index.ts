import type { Scene } from '../scene.ts'
import { contexts } from './context.ts'
import { workerPool } from './pool.ts'
import { buffer, overflow, rendezvous } from './queue.ts'
import { selecting } from './select.ts'
import { webSocket } from './websocket.ts'

export const scenes: readonly [Scene, ...Scene[]] = [
  rendezvous,
  buffer,
  overflow,
  selecting,
  contexts,
  workerPool,
  webSocket,
]
