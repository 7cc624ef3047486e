import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { background, sleep, withCancel } from 'chansel'
import { describe } from './errors.ts'
import { readHeaders } from './headers.ts'

/** The answer to a request that is refused. */
export interface Refusal {
  /** The HTTP status, from 300 to 599. */
  status: number
  /** More headers for the answer. Those that say how it ends are left out. */
  headers?: Readonly<Record<string, string>> | Headers | undefined
  /** The body, as text: by default the name of the status. */
  body?: string | undefined
}

/**
 * Answers a request that is refused, and ends its connection. Nothing of what the client sent is in the answer.
 * Does nothing for a request that was answered before, or whose client has gone.
 *
 * @param withinMs how long the client may take to read it
 */
export function answer(socket: Duplex, refusal: Refusal, withinMs = 10_000): void {
  if (!socket.writable) return
  answers.set(socket, refusal.status)
  const { status, headers = {} } = refusal
  const body = status === NOT_MODIFIED ? '' : (refusal.body ?? STATUS_CODES[status] ?? '')
  const given = readHeaders(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !FRAMING.includes(name))
  const fields = [['connection', 'close']]
  if (status !== NOT_MODIFIED) fields.push(['content-length', String(Buffer.byteLength(body))])
  if (!given.some(([name]) => name === 'content-type'))
    fields.push(['content-type', 'text/plain; charset=utf-8'])
  const lines = [...fields, ...given].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.on('error', ignore)
  socket.once('finish', () => socket.destroy())
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines}\r\n`
  socket.end(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))
  const closed = withCancel(background())
  socket.once('close', () => closed.cancel())
  sleep(withinMs, closed).then(
    () => socket.destroy(),
    () => {}, // it was read in time
  )
}

/** With which status the request of a socket was refused, if it was answered. */
export function answerOf(socket: Duplex): number | undefined {
  return answers.get(socket)
}

/** The one refusal whose answer has no body. */
const NOT_MODIFIED = 304
/** These say how the answer ends, which is ours to say: headers may be copied from another answer. */
const FRAMING = ['connection', 'content-length', 'transfer-encoding']

const answers = new WeakMap<Duplex, number>()

/** @throws TypeError, RangeError for what cannot be sent: a fault of `authorize`, and reported as one */
export function checkRefusal(refusal: Refusal): void {
  if (typeof refusal !== 'object' || refusal === null)
    throw new TypeError(`Cannot refuse: authorize must give nothing or { status }, got ${describe(refusal)}`)
  const { status, headers = {}, body = '' } = refusal
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new RangeError(`Cannot refuse: status must be 300 to 599, got ${describe(status)}`)
  }
  if (typeof body !== 'string')
    throw new TypeError(`Cannot refuse: body must be a string, got ${describe(body)}`)
  readHeaders(headers)
}

function ignore(): void {}
