// A process of clients that count against an echo: each number has to come back, in order. They know nothing of the
// library.
//
// node counting.mjs <port> <clients> <ms>

import { once } from 'node:events'
import { WebSocket } from 'ws'

const [port = 0, clients = 0, ms = 0] = process.argv.slice(2).map(Number)
const endsAt = Date.now() + ms
/** How many numbers a client has under way. */
const WINDOW = 8
/** Between the bursts of a client, so that a hundred of them leave time for the others. */
const PAUSE_MS = 100

/** @returns {Promise<{ counted: number, lost: number, isInOrder: boolean, code: number }>} */
async function count() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/counting`, { perMessageDeflate: false })
  socket.on('error', () => {})
  await once(socket, 'open')
  const closed = once(socket, 'close')
  let isClosed = false
  void closed.then(() => (isClosed = true))
  let sent = 0
  let counted = 0
  let isInOrder = true
  /** @type {() => void} */
  let arrived = () => {}
  socket.on('message', (/** @type {Buffer} */ data) => {
    isInOrder &&= data.toString() === String(counted)
    counted++
    if (counted === sent) arrived()
  })
  while (Date.now() < endsAt && !isClosed) {
    const answered = new Promise((resolve) => (arrived = () => resolve(undefined)))
    for (let i = 0; i < WINDOW; i++) socket.send(String(sent++))
    await Promise.race([answered, closed])
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  if (!isClosed) socket.close(1000)
  const [code] = await closed
  return { counted, lost: sent - counted, isInOrder, code }
}

const results = await Promise.all(Array.from({ length: clients }, count))
const all = {
  counted: results.reduce((sum, { counted }) => sum + counted, 0),
  lost: results.reduce((sum, { lost }) => sum + lost, 0),
  outOfOrder: results.filter(({ isInOrder }) => !isInOrder).length,
  cut: results.filter(({ code }) => code !== 1000).length,
}
process.send?.(all, () => process.exit())
