// Class 6: what is text, and what is not. The sequences are those of the well-known stress test for UTF-8 decoders.

import { MORE, OPCODES, type ProtocolCase, fragments, textOfHex } from './case.ts'

/** κόσμε */
const KOSME = 'cebae1bdb9cf83cebcceb5'

/** Every text is tried whole and in fragments of one byte. */
function cases(number: string, title: string, isText: boolean, ...sequences: string[]): ProtocolCase[] {
  return sequences.flatMap((hex, i) => {
    const outcome = isText ? { messages: [Buffer.from(hex, 'hex').toString()] } : { close: 1007 }
    const place = { number: `${number}.${i + 1}`, title: `${title}: ${hex.slice(0, 24)}` }
    return [
      { ...place, send: [textOfHex(hex)], ...outcome },
      { ...place, title: `${place.title}, in bytes`, send: fragments(OPCODES.text, hex, 1), ...outcome },
    ]
  })
}

const range = (from: number, to: number, after = ''): string =>
  Array.from({ length: to - from + 1 }, (_, i) => (from + i).toString(16) + after).join('')

/** A text that ends within a character is not valid. */
const prefixes = Array.from({ length: KOSME.length / 2 }, (_, i) => KOSME.slice(0, 2 * (i + 1)))
const isWhole = (hex: string): boolean => !Buffer.from(hex, 'hex').toString().includes('\ufffd')

const NO_TEXT = `${KOSME}eda080656469746564`

export const UTF8: ProtocolCase[] = [
  { number: '6.1.1', title: 'an empty text', send: [textOfHex('')], messages: [''] },
  {
    number: '6.1.2',
    title: 'three empty fragments',
    send: [textOfHex('', MORE), { opcode: 0, fin: false }, { opcode: 0 }],
    messages: [''],
  },
  {
    number: '6.1.3',
    title: 'three fragments, of which only that in the middle says something',
    send: [textOfHex('', MORE), { opcode: 0, hex: '6d6964', fin: false }, { opcode: 0 }],
    messages: ['mid'],
  },
  ...cases('6.2', 'text', true, `48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d${KOSME}`),
  ...cases('6.3', 'no text', false, NO_TEXT),
  ...Array.from({ length: NO_TEXT.length / 2 - 1 }, (_, i): ProtocolCase => ({
    number: '6.3.2',
    title: `no text, cut after byte ${i + 1}`,
    send: [
      textOfHex(NO_TEXT.slice(0, 2 * i + 2), MORE),
      { opcode: OPCODES.continuation, hex: NO_TEXT.slice(2 * i + 2) },
    ],
    close: 1007,
  })),
  {
    number: '6.4.1',
    title: 'a code point too large between two fragments that are right',
    send: [textOfHex(KOSME, MORE), { opcode: 0, hex: 'f4908080', fin: false }, { opcode: 0, hex: '656469' }],
    close: 1007,
  },
  {
    number: '6.4.2',
    title: 'the same, cut within the sequence',
    send: [textOfHex(`${KOSME}f4`, MORE), { opcode: 0, hex: '90', fin: false }, { opcode: 0, hex: '8080' }],
    close: 1007,
  },
  ...cases('6.5', 'text cut between characters', true, ...prefixes.filter(isWhole)),
  ...cases('6.6', 'text cut within a character', false, ...prefixes.filter((hex) => !isWhole(hex))),
  ...cases('6.7', 'the first sequence of a length', true, '00', 'c280', 'e0a080', 'f0908080'),
  ...cases('6.8', 'the first of five bytes or six', false, 'f888808080', 'fc8480808080'),
  ...cases('6.9', 'the last sequence of a length', true, '7f', 'dfbf', 'efbfbf', 'f48fbfbf'),
  ...cases('6.10', 'the last of a length that is too large', false, 'f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'),
  ...cases('6.11', 'a boundary', true, 'ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'),
  ...cases('6.11', 'beyond the last code point', false, 'f4908080'),
  ...cases('6.12', 'continuations alone', false, '80', 'bf', '80bf', '80bf80', '80bf80bf', range(0x80, 0xbf)),
  ...cases(
    '6.13',
    'starts alone',
    false,
    range(0xc0, 0xdf, '20'),
    range(0xe0, 0xef, '20'),
    range(0xf0, 0xf7, '20'),
    range(0xf8, 0xfb, '20'),
    range(0xfc, 0xfd, '20'),
  ),
  ...cases(
    '6.14',
    'the last byte is missing',
    false,
    'c0',
    'e080',
    'f08080',
    'f8808080',
    'fc80808080',
    'df',
    'efbf',
    'f7bfbf',
    'fbbfbfbf',
    'fdbfbfbfbf',
  ),
  ...cases('6.15', 'several of them', false, 'c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf'),
  ...cases('6.16', 'bytes of no sequence', false, 'fe', 'ff', 'fefeffff'),
  ...cases('6.17', 'a slash, too long', false, 'c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'),
  ...cases(
    '6.18',
    'the last that is too long',
    false,
    'c1bf',
    'e09fbf',
    'f08fbfbf',
    'f887bfbfbf',
    'fc83bfbfbfbf',
  ),
  ...cases('6.19', 'NUL, too long', false, 'c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'),
  ...cases(
    '6.20',
    'half of a pair',
    false,
    'eda080',
    'edadbf',
    'edae80',
    'edafbf',
    'edb080',
    'edbe80',
    'edbfbf',
  ),
  ...cases(
    '6.21',
    'a pair as two sequences',
    false,
    'eda080edb080',
    'eda080edbfbf',
    'edadbfedb080',
    'edafbfedbfbf',
  ),
  ...cases('6.22', 'no character, but text', true, 'efbfbe', 'efbfbf', 'f09fbfbe', 'f09fbfbf', 'f48fbfbe'),
  ...cases('6.23', 'a special character', true, 'efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd'),
]
