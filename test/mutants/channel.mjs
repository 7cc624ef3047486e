import { inFile } from './mutant.mjs'

const capacity = inFile('channel.ts', [
  ['C1', 'a capacity of -0 stays -0', 'capacity === 0 ? 0 : capacity // -0 is 0', 'capacity'],
  [
    'C1',
    'a channel that drops may have no buffer',
    "overflow !== 'wait' && capacity < 1",
    "overflow !== 'wait' && capacity < 0",
  ],
  ['J13', 'an unknown overflow policy passes', 'if (!OVERFLOWS.includes(overflow)) {', 'if (false) {'],
  [
    'J13',
    'the error of an unknown overflow policy does not tell it',
    'got ${describe(overflow)}',
    'got ${describe(undefined)}',
  ],
  ['J13', 'a name may be a number', 'name !== undefined', 'name === null'],
  [
    'C3',
    'a buffer holds one value too many',
    'this.length >= this.#capacity && this.#receivers',
    'this.length > this.#capacity && this.#receivers',
  ],
  [
    'C3 S3',
    'a full buffer is ready for a send case',
    'this.length < this.#capacity ||',
    'this.length <= this.#capacity ||',
  ],
  [
    'C17 F11',
    'senders that wait count as buffered',
    'return this.#values === null ? 0 : this.#values.length',
    'return this.#values === null ? 0 : this.#values.length + (this.#values.length > 0 && this.#senders.first ? 1 : 0)',
  ],
  [
    'C1',
    'the error of a channel that drops without a buffer does not tell its capacity',
    'needs a capacity of at least 1, got ${capacity}',
    'needs a capacity of at least 1',
  ],
  ['C30', 'an empty name is no name', '    this.name = name\n', '    this.name = name || undefined\n'],
  ['J13', 'the error of a name does not say what it is of', 'make a channel: name', 'make: name'],
])

const handOver = inFile('channel.ts', [
  [
    'C4',
    'a value enters the buffer though a receiver waits',
    'const receiver = this.#receivers.shift()\n    if (receiver)',
    'const receiver = this.length < this.#capacity ? null : this.#receivers.shift()\n    if (receiver)',
  ],
  [
    'C2 C18',
    'a receiver that waits does not make an unbuffered send possible',
    'if (this.length >= this.#capacity && this.#receivers.first === null) {',
    'if (this.length >= this.#capacity) {',
  ],
  [
    'C6 F3',
    'a sender that waits is not moved into the buffer',
    '      const offered = this.#takeFromSender()\n      if',
    '      const offered = WOULD_WAIT as T | typeof WOULD_WAIT\n      if',
  ],
  [
    'C6 C23',
    'the value of a sender that moves up is lost',
    '      if (offered !== WOULD_WAIT) this.#values!.push(offered)\n',
    '',
  ],
  [
    'C7',
    'a receive does not go on to the next where a sender of an adapter has no value',
    '        continue\n      }\n      sender.accept()',
    '        return WOULD_WAIT\n      }\n      sender.accept()',
  ],
  [
    'C3 C6',
    'a sender that waits overtakes the buffer',
    'if (this.length > 0) {',
    'if (this.length > 0 && this.#senders.first === null) {',
  ],
  [
    'C2 C6',
    'a sender that waits is not told that its value was taken',
    '      sender.accept()\n      return value\n',
    '      return value\n',
  ],
  [
    'C18 S1',
    'a sender that waits does not make a receive case ready',
    ' || this.#senders.first !== null',
    '',
  ],
  [
    'S1 C18',
    'a receiver that waits does not make a send case ready',
    '      this.#receivers.first !== null ||\n',
    '',
  ],
  [
    'S1 C9',
    'a value in the buffer does not make a receive case ready',
    'return this.length > 0 || this.closed',
    'return this.closed',
  ],
  [
    'C31 F12',
    'undefined is never handed to a receiver that waits',
    'if (receiver) receiver.deliver(value)',
    'if (receiver && value !== undefined) receiver.deliver(value)',
  ],
  [
    'R4 J4',
    'receive is an async function',
    '  receive(cancel?: Cancel): Promise<Received<T>> {',
    '  async receive(cancel?: Cancel): Promise<Received<T>> {',
  ],
  [
    'R4 J4',
    'send is an async function',
    '  send(value: T, cancel?: Cancel): Promise<void> {',
    '  async send(value: T, cancel?: Cancel): Promise<void> {',
  ],
  [
    'J9 J7',
    'receive takes no notice of its cancel',
    'return receiveFrom(this, cancel)',
    'return receiveFrom(this, undefined)',
  ],
  [
    'J9 J7',
    'send takes no notice of its cancel',
    'return sendTo(this, value, cancel)',
    'return sendTo(this, value, undefined)',
  ],
  [
    'J1 C20',
    'for await is an async generator',
    '    return new ReceiveIterator(this)',
    `    const receive = () => this.receive()
    return (async function* () {
      for (let next = await receive(); next.ok; next = await receive()) yield next.value
    })()`,
  ],
  [
    'C20 J10',
    'all loops over a channel are one',
    '    return new ReceiveIterator(this)\n',
    '    return ((this as any).iterator ??= new ReceiveIterator(this))\n',
  ],
])

const overflow = inFile('channel.ts', [
  ['C3', 'what a channel drops is not counted', '      this.#dropped++\n', ''],
  [
    'C3',
    'what a channel drops is counted up to 255',
    'this.#dropped++\n',
    'this.#dropped = (this.#dropped + 1) & 0xff\n',
  ],
  [
    'C3',
    'that undefined was sent and dropped is not counted',
    'this.#dropped++\n',
    'if (value !== undefined) this.#dropped++\n',
  ],
  [
    'C9 K3',
    'a channel that drops loses what it holds when it fails',
    '    this.#error = error\n',
    "    this.#error = error\n    if (error !== undefined && this.#overflow !== 'wait') this.#values = null\n",
  ],
  [
    'C3',
    'only the oldest value is counted when it is dropped',
    "      this.#dropped++\n      if (this.#overflow === 'drop-newest') return true\n",
    "      if (this.#overflow === 'drop-newest') return true\n      this.#dropped++\n",
  ],
  [
    'C3',
    'a send whose value is dropped would wait',
    "if (this.#overflow === 'drop-newest') return true",
    "if (this.#overflow === 'drop-newest') return false",
  ],
  ['C3', 'drop-newest drops the oldest', "      if (this.#overflow === 'drop-newest') return true\n", ''],
  ['C3', 'drop-oldest grows', '      this.#values!.shift()\n    }\n', '    }\n'],
  [
    'C3',
    'drop-oldest drops all',
    '      this.#values!.shift()\n    }\n',
    '      while (this.length > 0) this.#values!.shift()\n    }\n',
  ],
  ['S1', 'a send case on a channel that drops waits', " ||\n      this.#overflow !== 'wait'\n", '\n'],
])

export default [...capacity, ...handOver, ...overflow]
