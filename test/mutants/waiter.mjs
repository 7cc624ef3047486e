import { inFile } from './mutant.mjs'

const outcomes = inFile('internal/waiter.ts', [
  [
    'J7 R3 F6',
    'a cancel after the delivery loses the value',
    '    this.operation.commit(receivedAs(this.form, value))',
    '    const { operation, form } = this\n    if (operation.cancellation === null) operation.commit(receivedAs(form, value))\n    else void Promise.resolve().then(() => operation.isWaiting && operation.commit(receivedAs(form, value)))',
  ],
  [
    'J2 F12',
    'undefined is taken for the end',
    '      return { value, ok: true }\n',
    '      return value === undefined ? CLOSED_RESULT : { value, ok: true }\n',
  ],
  [
    'C8 F15',
    'a receive tells the end with ok: true',
    'Object.freeze({\n  value: undefined,\n  ok: false,\n})',
    'Object.freeze({\n  value: undefined,\n  ok: true as unknown as false,\n})',
  ],
  [
    'R1 C8',
    'the outcome of a closed channel is everybody’s to change',
    'Object.freeze({\n  value: undefined,\n  ok: false,\n})',
    '{\n  value: undefined,\n  ok: false,\n}',
  ],
  [
    'C8',
    'the outcome of a closed channel is made anew each time',
    'return CLOSED_RESULT',
    'return { value: undefined, ok: false }',
  ],
  [
    'S18 F15',
    'a select tells the end with ok: true',
    'return { case: form, value: undefined, ok: false }',
    'return { case: form, value: undefined, ok: true }',
  ],
  [
    'C20',
    'a loop does not end with its channel',
    'return { value: undefined, done: true }',
    'return { value: undefined, done: false }',
  ],
  [
    'C20',
    'a loop ends with its first value',
    'return { value, done: false }',
    'return { value, done: true }',
  ],
  [
    'J1 R1',
    'an iterator looks into what it received',
    'return { value, done: false }',
    'return { value: (value as { then?: unknown } | null | undefined)?.then ? undefined : value, done: false }',
  ],
  [
    'T16',
    'sleep tells when it woke',
    '      return { value, done: false }\n    case NOTHING:\n      return undefined',
    '      return { value, done: false }\n    case NOTHING:\n      return value',
  ],
  [
    'S6',
    'a select tells a send like a receive',
    'form === NOTHING ? undefined : { case: form }',
    'form === NOTHING ? undefined : { case: form, value: undefined, ok: true }',
  ],
  [
    'C11 S18',
    'what fails while it waits is told as a success',
    '    operation.#resolve = operation.#reject\n',
    '',
  ],
  ['J10 R3', 'an iterator ends operations that are over', 'return this.#reject !== null', 'return true'],
  [
    'R4 J4',
    'who waited is told a hop later',
    '    runtime.wake(this, outcome)\n',
    '    void Promise.resolve().then(() => runtime.wake(this, outcome))\n',
  ],
])

const queues = inFile('internal/waiter.ts', [
  [
    'R7 J7',
    'a wait that was cancelled stays in line',
    '    if (this.queue !== null) this.queue.remove(this)\n',
    '',
  ],
  [
    'R7 J8',
    'a wait that is over stays with its cancel',
    '    if (this.cancellation !== null) this.cancellation.unpark(this)\n',
    '',
  ],
  [
    'C7 R6 F7',
    'who came last is served first',
    'last.next = first.previous = waiter',
    'this.first = last.next = first.previous = waiter',
  ],
  [
    'C7 R6',
    'the third in line is served before the second',
    'const last = first.previous ?? first\n    waiter.next',
    'const last = first\n    waiter.next',
  ],
  [
    'R6',
    'selects wait behind plain operations',
    '    waiter.next = first\n',
    '    if (waiter.operation === waiter && first.operation !== first) this.first = waiter\n    waiter.next = first\n',
  ],
  [
    'C29 R7 F10',
    'who leaves from the middle cuts the line behind it',
    '        previous!.next = next\n        next.previous = previous',
    '        next.previous = previous',
  ],
  [
    'C29 R7 F10',
    'who leaves from the middle cuts the line before it',
    '        previous!.next = next\n        next.previous = previous',
    '        previous!.next = next',
  ],
  [
    'C29 C7',
    'who leaves from the middle lets the next in line go first',
    '      if (this.first === waiter) this.first = next\n',
    '      this.first = next\n',
  ],
  [
    'C29 R7',
    'who leaves takes all others along',
    '      if (this.first === waiter) this.first = next\n',
    '      this.first = null\n',
  ],
  ['R7 S16', 'who was served can leave the line again', '    waiter.queue = null\n', ''],
  [
    'T10 T13 J14',
    'one who stops waiting disarms the timer of the others',
    '    if (this.first === null) this.#owner.abandoned()',
    '    this.#owner.abandoned()',
  ],
  [
    'T10 T16 J14',
    'the last who stops waiting leaves the timer armed',
    '    if (this.first === null) this.#owner.abandoned()\n',
    '',
  ],
])

export default [...outcomes, ...queues]
