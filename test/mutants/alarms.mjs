import { inFile } from './mutant.mjs'

export default inFile('internal/alarms.ts', [
  [
    'T2',
    'the host timer is set a fraction too early',
    'Math.ceil(at - this.#now())',
    'Math.floor(at - this.#now())',
  ],
  ['T17 J15 X33', 'the longest delay of the host is exceeded by one', '2 ** 31 - 1', '2 ** 31'],
  [
    'T17 J15 X33',
    'a long wait ends with its first part',
    'first !== undefined && first.at <= now;',
    'first !== undefined && first.at <= now + LONGEST_DELAY;',
  ],
  [
    'T15',
    'of two alarms of one moment the later rings first',
    'a.at === b.at && a.sequence < b.sequence',
    'a.at === b.at && a.sequence > b.sequence',
  ],
  ['T15', 'an alarm that leaves lets a later one ring first', '      this.#sink(last)\n', ''],
  [
    'T15',
    'an alarm that leaves lets one of another branch ring too late',
    '      this.#rise(last)\n      this.#sink(last)',
    '      this.#sink(last)',
  ],
  [
    'T15',
    'of two later alarms the wrong one is the next',
    'if (right !== undefined && isEarlier(right, this.#heap[childSlot]!)) childSlot++',
    '',
  ],
  [
    'T10 J14',
    'a host timer stays though no alarm is left',
    '    if (this.#heap.length === 0) this.#clearHost()\n',
    '',
  ],
  ['T2 T8', 'after the first alarm no other rings', '    if (this.#heap.length > 0) this.#setHost()\n', ''],
  [
    'T10',
    'an earlier alarm leaves the old host timer behind',
    '    clearTimeout(this.#host)\n    // Rounded',
    '    // Rounded',
  ],
  [
    'T8 T15',
    'an alarm that is earlier than the first is not noticed',
    '    if (alarm.slot === 0) this.#setHost()',
    '    if (this.#heap.length === 1) this.#setHost()',
  ],
  ['T10', 'each alarm sets the host timer anew', '    if (at >= this.#hostAt) return\n', ''],
  [
    'J14',
    'nobody lets the process go',
    '    if (--this.#holds === 0) this.#keepAlive(false)',
    '    --this.#holds',
  ],
  [
    'J14',
    'a new host timer keeps the process alive for nobody',
    '    if (this.#holds === 0) this.#keepAlive(false)\n',
    '',
  ],
  [
    'J14',
    'who waits for an alarm that is armed already does not keep the process alive',
    '    if (this.#holds++ === 0) this.#keepAlive(true)',
    '    this.#holds++',
  ],
  ['T15', 'one alarm rings at a time', '      first.ring()\n', '      first.ring()\n      break\n'],
  [
    'T11 J3',
    'an alarm that arms itself for now rings for ever',
    'first !== undefined && first.at <= now;',
    'first !== undefined && first.at <= this.#now();',
  ],
  [
    'T8',
    'a ring of the host leaves it set in the books',
    '    this.#host = undefined\n    this.#hostAt = Infinity\n    // One look',
    '    // One look',
  ],
  [
    'J15 T17',
    'browsers’ numbers for timers are taken for objects',
    'else host?.unref?.()',
    'else host?.unref!()',
  ],
])
