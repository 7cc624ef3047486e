import { inFile } from './mutant.mjs'

export default inFile('device.ts', [
  ['J13', 'an inlet may have half a capacity', '  checkCapacity(options.capacity)\n', ''],
  [
    'C4',
    'a device is told of values that went past the buffer',
    'if (this.length < waited) this.#device.taken(taken as T)',
    'this.#device.taken(taken as T)',
  ],
  [
    'C27',
    'a device is not told of values that were taken',
    '    if (this.length < waited) this.#device.taken(taken as T)\n',
    '',
  ],
  [
    'C12',
    'an inlet swallows what comes after its end',
    "    if (this.closed) throw new ClosedChannelError('send', this.name, value)\n    const waited = this.length\n    this.accept",
    '    if (this.closed) return false\n    const waited = this.length\n    this.accept',
  ],
  ['C17', 'an inlet drops what is over its capacity', '    this.accept(value)\n', '    this.put(value)\n'],
  ['C15', 'an inlet hands out the side of the device', '? receiveOnly(source)', '? source'],
  [
    'R6 C7',
    'a send overtakes those who wait for the device',
    ' || (this.#senders !== null && this.#senders.first !== null)\n',
    '\n',
  ],
  [
    'C7',
    'a device that is ready takes one of those who wait',
    'while (this.#senders !== null && this.#senders.first',
    'if (this.#senders !== null && this.#senders.first',
  ],
  ['C3', 'a device that is ready is given more than it takes', ' && !this.#device.isFull()) {', ') {'],
  [
    'R3',
    'a sender that a device took is not told',
    '      this.#device.write(sender.value as T)\n      sender.accept()\n',
    '      this.#device.write(sender.value as T)\n',
  ],
  [
    'R3',
    'the value of a sender that waited is not written',
    '      this.#device.write(sender.value as T)\n',
    '',
  ],
  [
    'C11',
    'a device that fails fails one sender',
    'for (let sender = this.#senders?.shift(); sender; sender = this.#senders!.shift()) {',
    'for (let sender = this.#senders?.shift(); sender; sender = null) {',
  ],
  ['C12', 'a device that failed takes more', '    this.#errorFor = errorFor\n', ''],
  [
    'C11',
    'closing an outlet leaves those who wait in line',
    '    if (this.#errorFor === null) this.fail',
    '    if (false) this.fail',
  ],
  [
    'C30',
    'closing an outlet hides what its device says',
    '    if (this.#errorFor === null) this.fail',
    '    this.fail',
  ],
  [
    'C13',
    'closing an outlet twice passes',
    "    if (this.#isClosed) throw new ClosedChannelError('close', this.name)\n",
    '',
  ],
  ['J13', 'trySend lets a value pass that its device refuses', '    this.check(value)\n', ''],
  [
    'S2',
    'a send case on a device that failed is never ready',
    'return this.#errorFor !== null || !this.#isBusy',
    'return this.#errorFor === null && !this.#isBusy',
  ],
  [
    'C11',
    'an outlet that failed says that it is open',
    'return this.#isClosed || this.#errorFor !== null',
    'return this.#isClosed',
  ],
  [
    'J9 J7',
    'a send to a device takes no notice of its cancel',
    'return sendTo(this, value, cancel)',
    'return sendTo(this, value, undefined)',
  ],
])
