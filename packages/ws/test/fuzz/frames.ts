import type { Random } from '../../../core/test/support/random.ts'
import { encodeLength } from '../support/frames.ts'

/** The limit of the side that reads. */
export const MAX_MESSAGE_BYTES = 2_000

/** What has to happen with some bytes, according to RFC 6455. */
export interface Expected {
  /** The code with which the reader ends the connection; `undefined`: it keeps it. */
  code: number | undefined
  messages: number
  /** Messages that are streamed, as far as they come to their end. */
  streams: number
}

/** One frame, mostly right; masked with zeros unless told, so that the bytes are the payload. */
export function frame(
  opcode: number,
  payload: Uint8Array,
  { fin = true, rsv = 0, isMasked = true, key = [0, 0, 0, 0] } = {},
): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  return Buffer.concat([
    Buffer.from([first]),
    encodeLength(payload.length, isMasked),
    Buffer.from(isMasked ? key : []),
    isMasked ? payload.map((byte, i) => byte ^ key[i % 4]!) : payload,
  ])
}

/** @param isWhole false: more may follow */
function isUtf8(bytes: Uint8Array, isWhole = true): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole })
    return true
  } catch {
    return false
  }
}

function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  )
}

/**
 * Frames at random, and what has to become of them: a model of the receiving side. The first fault or close
 * ends it; what follows is never looked at.
 *
 * @param shouldMask whether the reader is a server
 * @param hasStreams whether it hands on streams
 */
export function makeFrames(
  random: Random,
  shouldMask: boolean,
  hasStreams: boolean,
): { bytes: Buffer; expected: Expected } {
  const frames: Buffer[] = []
  const expected: Expected = { code: undefined, messages: 0, streams: 0 }
  let open: { isText: boolean; parts: Uint8Array[] } | undefined
  const end = (code: number): void => void (expected.code ??= code)

  for (let i = random.below(8); i >= 0; i--) {
    const opcode = random.chance(0.85) ? random.pick([0, 1, 1, 2, 2, 8, 9, 10]) : random.below(16)
    const size = random.pick([0, 1, 2, 5, 125, 126, 200, 1_999, 2_000, 2_001])
    const isAscii = random.chance(0.8)
    const payload = Uint8Array.from({ length: size }, () => random.below(isAscii ? 128 : 256))
    const isMasked = random.chance(0.97) ? shouldMask : !shouldMask
    const options = {
      fin: random.chance(hasStreams ? 0.5 : 0.85),
      rsv: random.chance(0.95) ? 0 : random.below(8),
      isMasked,
      key: Array.from({ length: 4 }, () => (random.chance(0.3) ? 0 : random.below(256))),
    }
    const isControl = opcode >= 8
    const code = random.chance(0.7) ? random.pick([1000, 1001, 1011, 3000, 4999]) : random.below(6_000)
    const content =
      opcode === 8 && size >= 2 ? Uint8Array.of(code >> 8, code & 255, ...payload.subarray(2)) : payload
    frames.push(frame(opcode, content, options))
    if (expected.code !== undefined) continue

    if (options.rsv !== 0 || isMasked !== shouldMask) end(1002)
    else if (![0, 1, 2, 8, 9, 10].includes(opcode)) end(1002)
    else if (isControl && (!options.fin || size > 125)) end(1002)
    else if (opcode === 8) {
      if (size === 0) end(1005)
      else if (size === 1 || !isCloseCode(code)) end(1002)
      else end(isUtf8(content.subarray(2)) ? code : 1007)
    } else if (!isControl) {
      if ((opcode === 0) !== (open !== undefined)) end(1002)
      else {
        open ??= { isText: opcode === 1, parts: [] }
        open.parts.push(content)
        const whole = Buffer.concat(open.parts)
        const isLarge = whole.length > MAX_MESSAGE_BYTES
        if (size > MAX_MESSAGE_BYTES || (isLarge && !hasStreams)) end(1009)
        else if (open.isText && (isLarge || options.fin) && !isUtf8(whole, options.fin)) end(1007)
        else if (options.fin) {
          if (isLarge) expected.streams++
          else expected.messages++
          open = undefined
        }
      }
    }
  }
  return { bytes: Buffer.concat(frames), expected }
}

/** Bytes that make no sense; usually something is soon wrong with them. */
export function makeNoise(random: Random): Buffer {
  return Buffer.from(Uint8Array.from({ length: 1 + random.below(300) }, () => random.below(256)))
}
