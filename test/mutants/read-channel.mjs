import { inFile } from './mutant.mjs'

export default inFile('internal/read-channel.ts', [
  ['T5', 'a timer has a capacity of 1', 'readonly capacity = 0', 'readonly capacity = 1'],
  [
    'X26 C16',
    'a receive from done takes no notice of its cancel',
    'return receiveFrom(this[RECEIVE_END], cancel)',
    'return receiveFrom(this[RECEIVE_END], undefined)',
  ],
  ['J19', 'structuredClone makes a dead copy of a timer', '  readonly toJSON: () => object = asJson\n', ''],
])
