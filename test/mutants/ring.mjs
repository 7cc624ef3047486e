import { inFile } from './mutant.mjs'

const ring = inFile('internal/ring.ts', [
  ['C27', 'a value that left the buffer is kept alive', '    this.#slots[this.#head] = undefined\n', ''],
  [
    'C3',
    'a buffer loses its place at the end of its storage',
    'this.#head = (this.#head + 1) & (this.#slots.length - 1)',
    'this.#head = this.#head + 1',
  ],
  [
    'C3',
    'a buffer that grows mixes up its values',
    'slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)]',
    'slots[i] = this.#slots[i]',
  ],
  [
    'C3',
    'a buffer that grows begins in the middle',
    '    this.#slots = slots\n    this.#head = 0\n',
    '    this.#slots = slots\n',
  ],
  ['C3', 'a buffer grows by one', 'this.length * 2)', 'this.length + 1)'],
  [
    'C35',
    'a buffer never gives its storage back',
    'this.length <= this.#slots.length / 4)',
    'this.length < 0)',
  ],
  ['C35', 'an empty buffer keeps a little too much storage', 'const KEPT = 256', 'const KEPT = 65_536'],
])

const ends = inFile('internal/end.ts', [
  [
    'J18',
    'a select refuses channels of another copy',
    "RECEIVE_END: unique symbol = Symbol.for('chansel.receive-end@1')",
    "RECEIVE_END: unique symbol = Symbol('chansel.receive-end@1')",
  ],
  [
    'J18',
    'a send case refuses channels of another copy',
    "SEND_END: unique symbol = Symbol.for('chansel.send-end@1')",
    "SEND_END: unique symbol = Symbol('chansel.send-end@1')",
  ],
  [
    'J18',
    'a select refuses send cases of another copy',
    "Symbol.for('chansel.send-case@1')",
    "Symbol('chansel.send-case@1')",
  ],
  [
    'J18',
    'the end of a channel of another copy is taken for a value',
    "Symbol.for('chansel.closed@1')",
    "Symbol('chansel.closed@1')",
  ],
  [
    'J18',
    'an empty channel of another copy seems to have a value',
    "Symbol.for('chansel.would-wait@1')",
    "Symbol('chansel.would-wait@1')",
  ],
])

const json = inFile('internal/json.ts', [
  [
    'J19',
    'a channel as JSON does not say whether it is closed',
    'return { name, length, capacity, closed, dropped }',
    'return { name, length, capacity, dropped }',
  ],
])

export default [...ring, ...ends, ...json]
