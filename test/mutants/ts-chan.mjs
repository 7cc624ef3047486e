import { inFile } from './mutant.mjs'

const from = inFile('ts-chan/from.ts', [
  ['J18', 'two adapters of one Chan are two channels', '  oursOf.set(chan, ours)\n', ''],
  ['J18', 'a Chan does not come back as itself', '  theirsOf.set(ours, chan)\n', ''],
  [
    'J13',
    'a bare receiver passes for a Chan',
    "    typeof given.addSender === 'function' &&\n    typeof given.tryRecv === 'function' &&\n    typeof given.concurrency === 'number' &&\n    typeof given.length === 'number'",
    '    true',
  ],
  [
    'C17',
    'a look at whether a Chan is closed leaves a sender',
    'if (chan.addSender(withoutValue)) chan.removeSender(withoutValue)',
    'chan.addSender(withoutValue)',
  ],
  [
    'C17',
    'a look at whether a Chan is closed takes a receiver',
    'if (chan.concurrency < 0) return false',
    '',
  ],
  ['S2', 'a Chan that is closed looks open', 'return error !== NO_VALUE', 'return false'],
  [
    'S1',
    'a buffer of ts-chan is not ready',
    'this.#chan.length > 0 || this.#chan.concurrency',
    'this.#chan.concurrency',
  ],
  ['S1', 'a sender of ts-chan is not ready', ' || this.#chan.concurrency > 0 ||', ' ||'],
  [
    'S18',
    'a Chan that is closed is not ready',
    'this.#chan.concurrency > 0 || this.closed',
    'this.#chan.concurrency > 0',
  ],
  [
    'S1',
    'a receiver of ts-chan is not ready',
    'this.#chan.concurrency < 0 || this.#chan.length',
    'this.#chan.length',
  ],
  [
    'S3',
    'a buffer of ts-chan that is full is ready',
    'this.#chan.length < this.#chan.capacity',
    'this.#chan.length <= this.#chan.capacity',
  ],
  [
    'S2',
    'a send to a Chan that is closed is not ready',
    'this.#chan.capacity || this.closed',
    'this.#chan.capacity',
  ],
  ['C30', 'a receive forgets our close(error)', '    if (this.#error !== undefined) throw this.#error\n', ''],
  [
    'C10',
    'who waits forgets our close(error)',
    'else if (this.#error === undefined) waiter.end()',
    'else if (true) waiter.end()',
  ],
  [
    'S7',
    'a select hands a value of ts-chan to itself',
    '    if (this.#chan.concurrency > 0) this.#senders.withdrawAll()\n',
    '',
  ],
  ['S7', 'a select takes its own receiver of ts-chan', '    if (this.#chan.concurrency < 0) return\n', ''],
  [
    'R3',
    'a sender that ts-chan served is not told',
    '      waiter.accept()\n      return value',
    '      return value',
  ],
  [
    'C31',
    'ts-chan gets no value of a select that it served',
    '      const value = waiter.value as T\n      this.#senders.served(waiter)',
    '      this.#senders.served(waiter)\n      waiter.queue = null\n      const value = undefined as T',
  ],
  [
    'C11',
    'a send that waits does not hear of the end',
    "waiter.fail(new ClosedChannelError('send', undefined, value, this.#error))",
    'waiter.accept()',
  ],
  ['S5', 'who leaves stays in the line of ts-chan', '    this.#withdraw(callback)\n  }\n}', '  }\n}'],
  [
    'C29',
    'who was served stays in our queue',
    '    this.#callbacks.delete(waiter)\n    this.unlink(waiter)\n  }',
    '    this.unlink(waiter)\n  }',
  ],
])

const to = inFile('ts-chan/to.ts', [
  ['J18', 'a channel does not come back as itself', '  oursOf.set(theirs, ch)\n', ''],
  [
    'C15',
    'a view that only receives can be sent to',
    '...(sendEnd !== undefined && senderOf(ch as SendChannel<T>, sendEnd))',
    '...senderOf(ch as SendChannel<T>, sendEnd!)',
  ],
  [
    'C9',
    'the end is a value',
    '        callback(undefined, false)\n        return false',
    '        callback(undefined as T, true)\n        return false',
  ],
  [
    'S7',
    'what a select of ts-chan hands to itself is lost',
    'if (sentTo !== null) void sendTo(sentTo, taken as T, undefined)',
    '',
  ],
  ['S7', 'a value of an earlier sender comes twice', '      askedAt = null\n', ''],
  [
    'S6',
    'what a select of ts-chan sends to itself is lost',
    'if (!end.put(value)) void sendTo(end, value, undefined)',
    'end.put(value)',
  ],
  [
    'C12',
    'a closed channel asks ts-chan for a value',
    "if (ch.closed) throw new ClosedChannelError('send', ch.name)",
    '',
  ],
  [
    'C11',
    'a channel that closes asks for the value of who waits',
    '(ch.closed ? undefined : value())',
    '(value())',
  ],
  [
    'S5',
    'a receiver of ts-chan that leaves stays in line',
    'removeReceiver: (callback) => waiting.deleteLast(callback)?.withdraw()',
    'removeReceiver: (callback) => void waiting.deleteLast(callback)',
  ],
  [
    'S5',
    'a sender of ts-chan that leaves stays in line',
    'removeSender: (callback) => waiting.deleteLast(callback)?.withdraw()',
    'removeSender: (callback) => void waiting.deleteLast(callback)',
  ],
  ['C11', 'a send of ts-chan that waits does not hear of the end', '          refuse(callback, error)\n', ''],
  [
    'C30',
    'a receiver of ts-chan does not get the error of the end',
    'callback(error as T, false)',
    'callback(undefined, false)',
  ],
  ['S10', 'of a callback that waits twice the first is removed', '.at(-1)', '.at(0)'],
])

export default [...from, ...to]
