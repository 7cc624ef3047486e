// A process of clients that connect, send, stall, reset and vanish at random, until their time is over. They know
// nothing of the library.
//
// node unruly.mjs <port> <clients> <ms> <seed>

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'

const [port = 0, clients = 0, ms = 0, seed = 1] = process.argv.slice(2).map(Number)
const endsAt = Date.now() + ms
/** How many actions begin in a second on average, whatever the number of clients. */
const ACTIONS_PER_SECOND = 200
/** As they come at first: more at once is a burst that the backlog of a port does not take. */
const CONNECTS_PER_SECOND = 400
const END_MS = 50
/** @type {Map<string, number>} */
const done = new Map()
/** @type {Set<import('node:net').Socket>} */
const sockets = new Set()

let state = seed >>> 0
/** Source: a linear congruential generator is random enough to pick what to do. */
function random() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

/** @param {number} count */
function below(count) {
  return Math.floor(random() * count)
}

/**
 * Never beyond the end.
 *
 * @param {number} delayMs
 */
function pass(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(delayMs, endsAt - Date.now()))))
}

/** For what stalls: longer than the server's heartbeat, so that some are found and some leave first. */
function stall() {
  return pass(below(20_000))
}

const HANDSHAKE = [
  'GET /unruly HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

/** A socket that says `text`. It is not read, unless told. */
function raw(text = '') {
  const socket = connect(port, '127.0.0.1')
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
  socket.write(text)
  return socket
}

/** @param {number} opcode @param {Uint8Array} payload of at most 125 bytes */
function frame(opcode, payload) {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

/** @param {import('node:net').Socket} socket */
function leave(socket) {
  if (random() < 0.5) socket.destroy()
  else socket.resetAndDestroy()
}

/** @returns {Promise<WebSocket>} open, or closed */
function open() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/unruly`, {
    perMessageDeflate: false,
    // A burst of them can be more than the backlog takes; TCP alone would try for minutes.
    handshakeTimeout: 5_000,
  })
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket))
    socket.on('close', () => resolve(socket))
  })
}

/** @param {WebSocket} socket */
async function closeOf(socket) {
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
  // Do not go on asking a server that refuses.
  await pass(100)
  return Date.now() >= endsAt
}

/** @type {Record<string, () => Promise<void>>} */
const actions = {
  'leaves in its handshake': async () => {
    const socket = raw(HANDSHAKE.slice(0, below(HANDSHAKE.length)))
    await pass(below(500))
    leave(socket)
  },
  'sends and closes': async () => {
    const socket = await open()
    for (let i = below(50); i > 0; i--) socket.send(randomBytes(below(5_000)), () => {})
    await pass(below(200))
    socket.close(1000 + below(2))
    await pass(200)
    socket.terminate()
  },
  'sends and resets': async () => {
    const socket = await open()
    for (let i = below(50); i > 0; i--) socket.send('x'.repeat(below(2_000)), () => {})
    if (random() < 0.5) await pass(below(50))
    socket.terminate()
  },
  'reads nothing and sends much': async () => {
    const socket = raw(HANDSHAKE)
    const bytes = Buffer.concat(Array.from({ length: 1_000 }, () => frame(2, Buffer.alloc(125))))
    for (let i = 0; i < 20 && socket.writable; i++) {
      socket.write(bytes)
      await pass(20)
    }
    await stall()
    leave(socket)
  },
  'answers nothing': async () => {
    const socket = raw(HANDSHAKE).resume()
    await stall()
    leave(socket)
  },
  'is there and says little': async () => {
    const socket = await open()
    for (let i = below(5); i > 0 && socket.readyState === WebSocket.OPEN; i--) {
      socket.send('here', () => {})
      await pass(below(4_000))
    }
    await stall()
    socket.terminate()
  },
  'says junk': async () => {
    const socket = raw(random() < 0.5 ? '' : HANDSHAKE).resume()
    socket.write(randomBytes(1 + below(300)))
    await pass(below(500))
    leave(socket)
  },
  'stops within a frame': async () => {
    const socket = raw(HANDSHAKE).resume()
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0x80, 0, 1, 2]))
    await stall()
    leave(socket)
  },
  'is too large': async () => {
    const socket = await open()
    socket.send(Buffer.alloc(2_000_000), () => {})
    await pass(300)
    socket.terminate()
  },
  'floods with pings': async () => {
    const socket = raw(HANDSHAKE)
    socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => frame(9, Buffer.alloc(100)))))
    await pass(below(1_000))
    leave(socket)
  },
}

const names = Object.keys(actions)

/** Is connected all the time, and answers pings, while it waits for its turn to misbehave. */
async function client() {
  while (Date.now() < endsAt - END_MS) {
    const isTurn = pass((random() * 2_000 * clients) / ACTIONS_PER_SECOND).then(() => true)
    let standing = await open()
    // It may be cut for what its process is too busy to answer.
    while (!(await Promise.race([isTurn, closeOf(standing)]))) standing = await open()
    // All wake at the end: what they began then would be a burst of its own kind.
    if (Date.now() < endsAt - END_MS) {
      const name = names[below(names.length)] ?? ''
      await actions[name]?.()
      done.set(name, (done.get(name) ?? 0) + 1)
    }
    if (random() < 0.5) standing.close()
    else standing.terminate()
  }
}

await Promise.all(
  Array.from({ length: clients }, async (_, i) => {
    await pass((i * 1_000) / CONNECTS_PER_SECOND)
    await client()
  }),
)
for (const socket of sockets) socket.destroy()
process.send?.(Object.fromEntries(done), () => process.exit())
