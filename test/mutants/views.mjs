import { inFile } from './mutant.mjs'

export default inFile('views.ts', [
  [
    'C16',
    'a receive from never ends',
    '    return WOULD_WAIT\n',
    "    return Symbol.for('chansel.closed@1') as typeof WOULD_WAIT\n",
  ],
  ['C16', 'never is a ready case', '    return false\n', '    return true\n'],
  [
    'C16 S23',
    'never keeps alive what waits for it',
    'parkReceiver(): void {}',
    'parkReceiver(waiter?: Waiter): void {\n    ;((globalThis as { kept?: unknown[] }).kept ??= []).push(waiter)\n  }',
  ],
  ['C16', 'never can be given another name', '    Object.freeze(this)\n', ''],
  [
    'J9',
    'what a send converts wins over a cancel that has fired',
    '    if (ended) return runtime.failed(ended.reason)\n',
    '',
  ],
  ['C15', 'a receive-only view can send', 'return new ReceiveView(ch)', 'return ch'],
  ['C15', 'a send-only view can receive', 'return new SendView(ch)', 'return ch'],
  [
    'C15 J9',
    'a receive from a view takes no notice of its cancel',
    'return this.#channel.receive(cancel)',
    'return this.#channel.receive()',
  ],
  [
    'C15 J9',
    'a send to a view takes no notice of its cancel',
    'return this.#channel.send(value, cancel)',
    'return this.#channel.send(value)',
  ],
  ['C15', 'closing a view forgets the error', 'this.#channel.close(error)', 'this.#channel.close()'],
  ['C15', 'a view is no case', 'return receiveEndOf(this.#channel)', 'return undefined'],
  ['C15', 'a view is nothing to make a send case of', 'return sendEndOf(this.#channel)', 'return undefined'],
  [
    'J13',
    'a view of anything can be made to receive from',
    "typeof (ch as Partial<ReceiveChannel<T>> | null | undefined)?.receive !== 'function'",
    'ch === null',
  ],
  [
    'S5 S9',
    'a prepared select does not know a channel again behind a conversion',
    'return end.exchangeLines?.bind(end)',
    'return undefined',
  ],
  [
    'J13',
    'the error of a receive-only view does not tell what is no channel',
    'expected a channel to receive from, got ${describe(ch)}',
    'expected a channel to receive from',
  ],
  [
    'J13',
    'the error of a send-only view does not tell what is no channel',
    'expected a channel to send to, got ${describe(ch)}',
    'expected a channel to send to',
  ],
  [
    'J13',
    'a value is converted under what is no cancel',
    'const ended = optionalCancellationOf(cancel)?.poll()',
    'const ended = (cancel as Cancel | null)?.signal ? optionalCancellationOf(cancel)?.poll() : null',
  ],
])
