// Classes 1 to 5: framing, pings and pongs, reserved bits, opcodes, fragments.

import { hexOf } from '../support/hex.ts'
import {
  MORE,
  OPCODES,
  type ProtocolCase,
  binary,
  continuation,
  fragments,
  ping,
  pong,
  text,
} from './case.ts'

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536]
const noText = (size: number): string => '*'.repeat(size)
const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(0xfe)

const framing: ProtocolCase[] = SIZES.flatMap((size, i) => [
  {
    number: `1.1.${i + 1}`,
    title: `a text of ${size} bytes`,
    send: [text(noText(size))],
    messages: [noText(size)],
  },
  {
    number: `1.2.${i + 1}`,
    title: `a binary message of ${size} bytes`,
    send: [binary(bytes(size))],
    messages: [bytes(size)],
  },
])

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`)

const pings: ProtocolCase[] = [
  { number: '2.1', title: 'a ping without a payload', send: [ping()], pongs: [''] },
  { number: '2.2', title: 'a ping with a text', send: [ping('Hello')], pongs: [hexOf('Hello')] },
  {
    number: '2.3',
    title: 'a ping with bytes that are no text',
    send: [{ opcode: OPCODES.ping, hex: '00fffefdfcfb00ff' }],
    pongs: ['00fffefdfcfb00ff'],
  },
  {
    number: '2.4',
    title: 'a ping of 125 bytes',
    send: [{ opcode: OPCODES.ping, hex: 'fe'.repeat(125) }],
    pongs: ['fe'.repeat(125)],
  },
  {
    number: '2.5',
    title: 'a ping of 126 bytes',
    send: [{ opcode: OPCODES.ping, hex: 'fe'.repeat(126) }],
    close: 1002,
  },
  { number: '2.7', title: 'a pong that nobody asked for', send: [pong()] },
  { number: '2.8', title: 'the same with a payload', send: [pong('unsolicited')] },
  {
    number: '2.9',
    title: 'the same, and a ping',
    send: [pong('unsolicited'), ping('asked')],
    pongs: [hexOf('asked')],
  },
  { number: '2.10', title: 'ten pings', send: TEN.map((said) => ping(said)), pongs: TEN.map(hexOf) },
]

const reserved: ProtocolCase[] = [
  { number: '3.1', title: 'RSV 1 in a text', send: [text('x', { rsv: 1 })], close: 1002 },
  {
    number: '3.2',
    title: 'RSV 2 in a text, after a right one and before a ping',
    send: [text('first'), text('x', { rsv: 2 }), ping()],
    messages: ['first'],
    close: 1002,
  },
  {
    number: '3.3',
    title: 'RSV 3 in a text, once the first came back',
    send: [text('first'), 1, text('x', { rsv: 3 }), ping()],
    messages: ['first'],
    close: 1002,
  },
  {
    number: '3.4',
    title: 'RSV 4 in a text, once the first came back',
    send: [text('first'), 1, text('x', { rsv: 4 }), ping()],
    messages: ['first'],
    close: 1002,
  },
  { number: '3.5', title: 'RSV 5 in a binary message', send: [binary(bytes(8), { rsv: 5 })], close: 1002 },
  { number: '3.6', title: 'RSV 6 in a ping', send: [ping('x', { rsv: 6 })], close: 1002 },
  { number: '3.7', title: 'RSV 7 in a close', send: [{ opcode: 8, hex: '03e8', rsv: 7 }], close: 1002 },
]

const opcodes: ProtocolCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => {
  const number = opcode < 8 ? `4.1.${opcode - 2}` : `4.2.${opcode - 10}`
  return [
    { number, title: `opcode ${opcode}`, send: [{ opcode }], close: 1002 },
    {
      number,
      title: `opcode ${opcode} with a payload, after a text came back, before a ping`,
      send: [text('first'), 1, { opcode, hex: hexOf('reserved') }, ping()],
      messages: ['first'],
      close: 1002,
    },
  ]
})

const FIVE = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5']

const fragmented: ProtocolCase[] = [
  {
    number: '5.1',
    title: 'a ping in two fragments',
    send: [ping('a', MORE), continuation('b')],
    close: 1002,
  },
  {
    number: '5.2',
    title: 'a pong in two fragments',
    send: [pong('a', MORE), continuation('b')],
    close: 1002,
  },
  {
    number: '5.3',
    title: 'a text in two fragments',
    send: [text('fragment1', MORE), continuation('fragment2')],
    messages: ['fragment1fragment2'],
  },
  {
    number: '5.6',
    title: 'a text in two fragments with a ping between',
    send: [text('fragment1', MORE), ping('ping'), continuation('fragment2')],
    messages: ['fragment1fragment2'],
    pongs: [hexOf('ping')],
  },
  {
    number: '5.9',
    title: 'the end of a message that never began, then a text',
    send: [continuation('nothing'), text('x')],
    close: 1002,
  },
  {
    number: '5.12',
    title: 'the middle of a message that never began, then a text',
    send: [continuation('nothing', MORE), text('x')],
    close: 1002,
  },
  {
    number: '5.15',
    title: 'the middle of a message behind the end of one',
    send: [text('a', MORE), continuation('b'), 1, continuation('c', MORE), text('x')],
    messages: ['ab'],
    close: 1002,
  },
  {
    number: '5.16',
    title: 'beginnings that are continuations, twice',
    send: [continuation('a', MORE), text('b'), continuation('c', MORE), text('d')],
    close: 1002,
  },
  {
    number: '5.17',
    title: 'whole continuations, twice',
    send: [continuation('a'), text('b'), continuation('c'), text('d')],
    close: 1002,
  },
  {
    number: '5.18',
    title: 'a text that begins twice',
    send: [text('a', MORE), text('b')],
    close: 1002,
  },
  {
    number: '5.18',
    title: 'a binary message within a text',
    send: [text('a', MORE), binary(bytes(1))],
    close: 1002,
  },
  {
    number: '5.19',
    title: 'a text in five fragments with pings between',
    send: [
      text(FIVE[0]!, MORE),
      continuation(FIVE[1]!, MORE),
      ping('ping1'),
      continuation(FIVE[2]!, MORE),
      continuation(FIVE[3]!, MORE),
      ping('ping2'),
      continuation(FIVE[4]!),
    ],
    messages: [FIVE.join('')],
    pongs: [hexOf('ping1'), hexOf('ping2')],
  },
  {
    number: '5.20',
    title: 'a binary message byte by byte, a ping at each',
    send: fragments(OPCODES.binary, '00ff10', 1).flatMap((frame) => [ping('p'), frame]),
    messages: [Uint8Array.of(0, 255, 16)],
    pongs: ['70', '70', '70'],
  },
]

export const FRAMING = [...framing, ...pings, ...reserved, ...opcodes, ...fragmented]
