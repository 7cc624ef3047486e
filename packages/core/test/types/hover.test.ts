// What an editor shows under the mouse: the types as people read them, whole, in the caller's own labels, and with no
// name that the package does not export.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { LanguageServer, MOUSE } from './language-server.ts'

let server: LanguageServer

beforeAll(async () => {
  server = await LanguageServer.start()
})
afterAll(() => server.stop())

const preamble = `
import {
  type ReceiveChannel, type SelectCase, type SelectCases, type Selected, type SendChannel,
  after, background, channel, contextKey, never, receiveOnly, select, sendCase, sendOnly, sleep, ticker, timer, trySelect,
  withCancel, withTimeout, withValue,
} from 'chansel'
import { selector } from 'chansel/selector'
const inbox = channel<string>()
const numbers = channel<number>(3)
const outbox = channel<Date>()
const queue: Date[] = []
const ctx = withTimeout(background(), 5_000)
`
const loop = `
const /*?*/event = await select({
  message: inbox,
  sent: queue.length > 0 && sendCase(outbox, queue[0]!),
  tick: after(5),
  done: ctx.done,
})
`
const selected = loop.replace(MOUSE, '')

const message = [
  `{ readonly case: "message"; readonly value: string; readonly ok: true; }`,
  `{ readonly case: "message"; readonly value: undefined; readonly ok: false; }`,
]
const tick = [
  `{ readonly case: "tick"; readonly value: number; readonly ok: true; }`,
  `{ readonly case: "tick"; readonly value: undefined; readonly ok: false; }`,
]
const done = [`{ readonly case: "done"; readonly value: undefined; readonly ok: false; }`]
const sent = [`{ readonly case: "sent"; }`]

test.each([
  ['all events of a select', loop, [...message, ...sent, ...tick, ...done]],
  [`an event narrowed to 'message'`, `${selected} if (event.case === 'message') /*?*/event`, message],
  [`one narrowed to 'sent'`, `${selected} if (event.case === 'sent') /*?*/event`, sent],
  [`one narrowed to 'done'`, `${selected} switch (event.case) { case 'done': /*?*/event }`, done],
  ['one that is ok', `${selected} if (event.case === 'message' && event.ok) /*?*/event`, message.slice(0, 1)],
  [
    'what is left after all but one',
    `${selected} if (event.case !== 'message' && event.case !== 'done' && event.case !== 'sent') /*?*/event`,
    tick,
  ],
  [
    'an array of cases',
    'const /*?*/event = await select([inbox, sendCase(numbers, 1), null])',
    [
      `{ readonly case: 0; readonly value: string; readonly ok: true; }`,
      `{ readonly case: 0; readonly value: undefined; readonly ok: false; }`,
      `{ readonly case: 1; }`,
    ],
  ],
  [
    'an array of unknown length',
    'const all: ReceiveChannel<number>[] = []\nconst /*?*/event = await select(all)',
    [
      `{ readonly case: number; readonly value: number; readonly ok: true; }`,
      `{ readonly case: number; readonly value: undefined; readonly ok: false; }`,
    ],
  ],
  [
    'a round of a selector',
    'using events = selector({ message: inbox, done: ctx.done })\nconst /*?*/event = await events.select(ctx)',
    [...message, ...done],
  ],
  ['trySelect', 'const /*?*/event = trySelect({ message: inbox })', [...message, 'undefined']],
])('api 2: the hover of %s shows every outcome in full', async (_, code, members) => {
  expect(membersOf(await server.hover(preamble + code), 'const event: ')).toEqual(new Set(members))
})

test.each([
  ['a channel', 'const /*?*/ch = channel<string>(5)', 'const ch: Channel<string>'],
  [
    'a channel of promises',
    'const /*?*/ch = channel<Promise<number>>()',
    'const ch: Channel<Promise<number>>',
  ],
  ['a receive', 'const /*?*/got = await inbox.receive()', 'const got: Received<string>'],
  ['a try to receive', 'const /*?*/got = inbox.tryReceive()', 'const got: Received<string> | undefined'],
  [
    'a value that is there',
    'const got = await inbox.receive()\nif (got.ok) got./*?*/value',
    '(property) value: string',
  ],
  [
    'a value that is not',
    'const got = await inbox.receive()\nif (!got.ok) got./*?*/value',
    '(property) value: undefined',
  ],
  ['the variable of a range', 'for await (const /*?*/value of inbox) void value', 'const value: string'],
  ['a send', 'const /*?*/over = outbox.send(new Date())', 'const over: Promise<void>'],
  ['a send case', 'const /*?*/sending = sendCase(numbers, 1)', 'const sending: SendCase<number>'],
  [
    'a selector',
    'using /*?*/events = selector({ message: inbox })',
    'using events: Selector<{ readonly message: Channel<string>; }>',
  ],
  ['a read-only view', 'const /*?*/view = receiveOnly(numbers)', 'const view: ReceiveChannel<number>'],
  ['a write-only view', 'const /*?*/view = sendOnly(numbers)', 'const view: SendChannel<number>'],
  ['a context', 'const /*?*/made = withCancel(ctx)', 'const made: CancelContext'],
  [
    'a context with a value',
    'const /*?*/made = withValue(ctx, contextKey<number>("n"), 1)',
    'const made: Context',
  ],
  ['done', 'const /*?*/over = ctx.done', 'const over: ReceiveChannel<never>'],
  [
    'why it was cancelled',
    'const /*?*/why = ctx.err',
    'const why: CanceledError | DeadlineExceededError | undefined',
  ],
  ['a timer', 'const /*?*/late = timer(5)', 'const late: Timer'],
  ['a ticker', 'const /*?*/beat = ticker(5)', 'const beat: Ticker'],
  ['after', 'const /*?*/late = after(5)', 'const late: ReceiveChannel<number>'],
  ['sleep', 'const /*?*/slept = sleep(5)', 'const slept: Promise<void>'],
  ['never', 'const /*?*/nil = never', 'const nil: ReceiveChannel<never>'],
])('api: the hover of %s', async (_, code, shown) => {
  expect(oneLine(await server.hover(preamble + code))).toBe(shown)
})

test.each([
  [
    'receive',
    'void inbox./*?*/receive()',
    '(method) ReceiveChannel<string>.receive(cancel?: Cancel): Promise<Received<string>>Takes the next value',
  ],
  [
    'send',
    `void inbox./*?*/send('x')`,
    '(property) SendChannel<string>.send: (value: string, cancel?: Cancel) => Promise<void>Sends `value`',
  ],
  [
    'trySend',
    `inbox./*?*/trySend('x')`,
    '(property) SendChannel<string>.trySend: (value: string) => booleanSends `value` without waiting',
  ],
  [
    'close',
    'inbox./*?*/close()',
    '(method) SendChannel<string>.close(error?: unknown): voidSays that nothing more will be sent.',
  ],
  [
    'channel',
    '/*?*/channel<string>(5)',
    '(alias) function channel<string>(capacity?: number, options?: ChannelOptions): Channel<string>A new channel.',
  ],
  [
    'sendCase',
    '/*?*/sendCase(outbox, new Date())',
    '(alias) function sendCase<Date>(ch: SendChannel<Date>, value: NoInfer<Date>): SendCase<Date>A case of a select',
  ],
])('api: the hover of the call of %s says what goes in, what comes out, and why', async (_, code, shown) => {
  const hover = oneLine(await server.hover(preamble + code))
  expect(hover.slice(0, shown.length)).toBe(shown)
})

function oneLine(hover: string): string {
  return hover.replaceAll(/\s+/g, ' ').trim()
}

/** The members of a union, whose order is the compiler's affair. */
function membersOf(hover: string, head: string): Set<string> {
  const text = oneLine(hover)
  expect(text.slice(0, head.length)).toBe(head)
  return new Set(text.slice(head.length).split(' | '))
}
