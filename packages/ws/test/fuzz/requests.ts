import type { Random } from '../../../core/test/support/random.ts'

/** What a server must never say back. */
export const MARK = 'x-marks-the-spot'

export interface FuzzedRequest {
  readonly bytes: Buffer
  /** Whether it has to be let in; `undefined`: nobody can say. */
  readonly isRight: boolean | undefined
}

/** Lines of a request's head that replace those of the same name, or are added. */
const RIGHT = [
  ['Upgrade: WebSocket'],
  ['Connection: keep-alive, Upgrade'],
  ['connection: upgrade'],
  [`X-Any: ${MARK}`],
  [`Cookie: a=${MARK}; b=${'c'.repeat(2_000)}`],
  [`Sec-WebSocket-Protocol: ${MARK}`],
  [`Sec-WebSocket-Extensions: ${MARK}; a=1, permessage-deflate`],
  ['Sec-WebSocket-Key:    AAAAAAAAAAAAAAAAAAAAAA==  '],
  ['Origin: http://127.0.0.1'],
  ['Content-Length: 0'],
] as const

const WRONG = [
  ['Upgrade: h2c'],
  [`Upgrade: ${MARK}`],
  ['Upgrade: websocket', 'Upgrade: websocket'],
  [`Sec-WebSocket-Version: ${MARK}`],
  ['Sec-WebSocket-Version: 12'],
  ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 13'],
  [`Sec-WebSocket-Key: ${MARK}`],
  ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
  [`Origin: http://${MARK}`],
  ['Origin: null'],
  [`Origin: ${MARK}`],
  ['Host: 127.0.0.1', `Host: ${MARK}`],
  ['Sec-WebSocket-Protocol: a,,b'],
  ['Content-Length: 3'],
  ['Transfer-Encoding: chunked'],
  [`Connection: ${MARK}`],
  [`X-Long: ${MARK.repeat(2_000)}`],
  [`${MARK} no field`],
] as const

const LINE = 'GET / HTTP/1.1'
const LINES = [
  `POST /${MARK} HTTP/1.1`,
  `GET /${MARK} HTTP/1.0`,
  `GET /${MARK} HTTP/9.9`,
  `GET`,
  `${MARK} / HTTP/1.1`,
  `GET / ${MARK}`,
] as const

/** A request for an upgrade, with lines that are changed, and at times bytes that are. */
export function makeRequest(random: Random): FuzzedRequest {
  const fields = new Map<string, readonly string[]>(
    [
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ].map((field) => [nameOf(field), [field]]),
  )
  const change = (lines: readonly string[]): void => void fields.set(nameOf(lines[0]!), lines)
  for (let i = random.below(3); i > 0; i--) change(random.pick(RIGHT))
  const isWrong = random.chance(0.5)
  const line = isWrong && random.chance(0.2) ? random.pick(LINES) : LINE
  if (isWrong && line === LINE) {
    if (random.chance(0.2)) fields.delete(random.pick([...fields.keys()].slice(0, 5)))
    else change(random.pick(WRONG))
  }
  const text = [line, ...[...fields.values()].flat(), '', ''].join('\r\n')
  if (random.chance(0.7)) return { bytes: Buffer.from(text), isRight: !isWrong }
  return { bytes: damaged(Buffer.from(text), random), isRight: undefined }
}

function nameOf(field: string): string {
  return field.split(':')[0]!.toLowerCase()
}

/** Some bytes are changed, missing or doubled, or the end is missing. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let result = bytes
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(result.length)
    const rest = random.pick([
      () => Buffer.concat([Buffer.from([random.below(256)]), result.subarray(at + 1)]),
      () => result.subarray(at + 1 + random.below(20)),
      () => Buffer.concat([result.subarray(at, at + 30), result.subarray(at)]),
      () => Buffer.from('\r\n\r\n'),
      () => Buffer.alloc(0),
    ])()
    result = Buffer.concat([result.subarray(0, at), rest])
    if (result.length === 0) return Buffer.from('\0')
  }
  return result
}
