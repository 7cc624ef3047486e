import { inFile } from './mutant.mjs'

export default inFile('internal/read-channel.ts', [
  ['T5', 'a timer has a capacity of 1', 'readonly capacity = 0', 'readonly capacity = 1'],
  [
    'X26 C16',
    'a receive from done takes no notice of its cancel',
    'return receiveFrom(this[RECEIVE_END], cancel)',
    'return receiveFrom(this[RECEIVE_END], undefined)',
  ],
  [
    'J10',
    'all loops over a timer are one',
    'return new ReceiveIterator(this[RECEIVE_END])',
    'return ((this as any).iterator ??= new ReceiveIterator(this[RECEIVE_END]))',
  ],
  ['J19', 'structuredClone makes a dead copy of a timer', '  readonly toJSON: () => object = asJson\n', ''],
])
