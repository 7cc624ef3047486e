// The case classes of the Autobahn testsuite, as tables of our own, against both our roles. Strictly: exactly the
// expected frames come back, in order, and the stream ends.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OPCODES, type ProtocolCase } from './protocol/case.ts'
import { CLOSING } from './protocol/closing.ts'
import { FRAMING } from './protocol/framing.ts'
import { large } from './protocol/large.ts'
import { type Manner, play } from './protocol/run.ts'
import { UTF8 } from './protocol/utf8.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { type Role, clientRole, serverRole, unmaskingRole } from './support/roles.ts'

/** `npm run protocol`: the messages are as large and as many as in the testsuite. */
const IS_WHOLE = process.env['CHANSEL_PROTOCOL'] === 'whole'
const LARGE = IS_WHOLE ? large(16 * 2 ** 20, 1_000) : large(2 ** 18, 50)
/** Byte by byte takes a turn for each. */
const FEW_BYTES = 400

expectNoSocketLeft()

function manners({ send }: ProtocolCase): Manner[] {
  const frames = send.filter((step) => typeof step !== 'number')
  const bytes = frames.reduce((sum, { hex = '' }) => sum + hex.length / 2, 0)
  return [
    'at once',
    ...(frames.length > 1 && bytes < 2 ** 20 ? (['frame by frame'] as const) : []),
    ...(bytes <= FEW_BYTES ? (['byte by byte'] as const) : []),
  ]
}

const rows = [...FRAMING, ...UTF8, ...CLOSING, ...LARGE].map(
  (which) => [`${which.number} ${which.title}`, which] as const,
)

/** What is made messages for `ws` one by one, where streams are handed on. */
const inFragments = rows.filter(([, { send }]) =>
  send.some(
    (step) => typeof step !== 'number' && (step.fin === false || step.opcode === OPCODES.continuation),
  ),
)

describe.each([
  ['a server', serverRole, rows, {}],
  ['a server that unmasks', unmaskingRole, rows, {}],
  ['a client', clientRole, rows, {}],
  ['a server with streams', serverRole, inFragments, { incomingStreams: true }],
  ['a client with streams', clientRole, inFragments, { incomingStreams: true }],
] as const)('%s of ours', (_, start, cases, options) => {
  let role: Role
  beforeAll(async () => {
    role = await start({ maxMessageBytes: 2 ** 26, closeTimeoutMs: 10_000, ...options })
  })
  afterAll(() => role[Symbol.asyncDispose]())

  test.each(cases)(
    '%s',
    async (_, which) => {
      for (const manner of manners(which)) {
        await play(role, which, manner).catch((error: Error) => {
          error.message = `${manner}: ${error.message}`
          throw error
        })
      }
    },
    IS_WHOLE ? 60_000 : 10_000,
  )
})

test('each class of cases is there', () => {
  const classes = new Set(rows.map(([, { number }]) => parseInt(number)))
  expect([...classes]).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10])
})
