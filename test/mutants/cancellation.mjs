import { inFile } from './mutant.mjs'

export default inFile('internal/cancellation.ts', [
  [
    'J7 J9',
    'who waits under a context is not told',
    '    for (let wait = this.#firstWait; wait !== null; wait = this.#firstWait) wait.fail(this.ended!.reason)\n',
    '',
  ],
  [
    'R6 C26',
    'of those who wait under a context the last is told first',
    'for (let wait = this.#firstWait; wait !== null; wait = this.#firstWait) wait.fail',
    'for (let wait = this.#firstWait?.previousWait ?? this.#firstWait; wait !== null; wait = this.#firstWait?.previousWait ?? this.#firstWait) wait.fail',
  ],
  [
    'X4',
    'of those who wait under a context the first hundred are told',
    'for (let wait = this.#firstWait; wait !== null; wait',
    'for (let i = 0, wait = this.#firstWait; i < 100 && wait !== null; i++, wait',
  ],
  [
    'R7 C29',
    'a wait that ends from the middle cuts those behind it off their cancel',
    '      previous!.nextWait = next\n      next.previousWait = previous',
    '      next.previousWait = previous',
  ],
  [
    'R7 C29',
    'a wait that ends from the middle cuts those before it off their cancel',
    '      previous!.nextWait = next\n      next.previousWait = previous',
    '      previous!.nextWait = next',
  ],
  [
    'R7',
    'a wait that ends lets the next be told first',
    '    if (this.#firstWait === operation) this.#firstWait = next\n',
    '    this.#firstWait = next\n',
  ],
  [
    'R6',
    'the third wait under a context is told before the second',
    'const last = first.previousWait ?? first',
    'const last = first',
  ],
  ['J14 X32', 'a wait under a deadline sets no timer', '      if (this.#followsHost) this.hold()\n', ''],
  [
    'J14 X11',
    'a wait that is over keeps the process alive for its deadline',
    '      if (this.#followsHost) this.release()\n',
    '',
  ],
  [
    'R3',
    'a wait whose signal cannot be listened to is for ever',
    '      this.#firstWait = operation\n      if (this.#followsHost) this.hold()\n',
    '      if (this.#followsHost) this.hold()\n      this.#firstWait = operation\n',
  ],
])
