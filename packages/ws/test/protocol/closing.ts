// Class 7: the close handshake.

import { closeHex, hexOf } from '../support/hex.ts'
import { MORE, OPCODES, type ProtocolCase, close, continuation, ping, text } from './case.ts'

const FINE = { close: 1000, by: 'remote' } as const
const RIGHT = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
const WRONG = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
const LONG = '*'.repeat(256 * 1024)

export const CLOSING: ProtocolCase[] = [
  {
    number: '7.1.1',
    title: 'a text, and once it came back a close',
    send: [text('x'), 1, close(1000)],
    messages: ['x'],
    ...FINE,
  },
  { number: '7.1.2', title: 'two closes', send: [close(1000), close(1000)], ...FINE },
  { number: '7.1.3', title: 'a close and a ping', send: [close(1000), ping('late')], ...FINE },
  { number: '7.1.4', title: 'a close and a text', send: [close(1000), text('late')], ...FINE },
  {
    number: '7.1.5',
    title: 'a close within a text',
    send: [text('fragment1', MORE), close(1000), continuation('fragment2')],
    ...FINE,
  },
  {
    number: '7.1.6',
    title: 'a long text, a close and a ping',
    send: [text(LONG), 1, text('next'), close(1000), ping()],
    messages: [LONG, 'next'],
    ...FINE,
  },
  { number: '7.3.1', title: 'a close that says nothing', send: [close()], close: 1005, by: 'remote' },
  {
    number: '7.3.2',
    title: 'a close of one byte',
    send: [{ opcode: OPCODES.close, hex: '61' }],
    close: 1002,
  },
  { number: '7.3.3', title: 'a close with a code', send: [close(1000)], ...FINE },
  { number: '7.3.4', title: 'a close with a reason', send: [close(1000, 'Hello World!')], ...FINE },
  {
    number: '7.3.5',
    title: 'a close with a reason of 123 bytes',
    send: [close(1000, '*'.repeat(123))],
    ...FINE,
  },
  {
    number: '7.3.6',
    title: 'a close with a reason of 124 bytes',
    send: [close(1000, '*'.repeat(124))],
    close: 1002,
  },
  {
    number: '7.3.6',
    title: 'a close in two fragments',
    send: [close(1000, 'a', MORE), continuation('b')],
    close: 1002,
  },
  {
    number: '7.5.1',
    title: 'a close with a reason that is no text',
    send: [{ opcode: OPCODES.close, hex: `${closeHex(1000)}${hexOf('x')}cebae1bdb9eda080` }],
    close: 1007,
  },
  ...RIGHT.map((code, i): ProtocolCase => ({
    number: `7.7.${i + 1}`,
    title: `a close with ${code}`,
    send: [close(code)],
    close: code,
    by: 'remote',
  })),
  ...WRONG.map((code, i): ProtocolCase => ({
    number: code < 5000 ? `7.9.${i + 1}` : `7.13.${code === 5000 ? 1 : 2}`,
    title: `a close with ${code}`,
    send: [close(code)],
    close: 1002,
  })),
]
