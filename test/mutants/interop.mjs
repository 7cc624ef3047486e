import { inFile } from './mutant.mjs'

const toReadable = inFile('interop/to-readable-stream.ts', [
  ['K11', 'a cancelled stream of a stage keeps its source', '    return leave(ch)\n', ''],
  ['C21', 'a stream takes a value that no reader asked for', '{ highWaterMark: 0 }', '{ highWaterMark: 1 }'],
  [
    'C10',
    'a channel that ends leaves a read of its stream waiting',
    '              controller.close()\n              resolve()',
    '              resolve()',
  ],
  [
    'C9',
    'a stream goes on after the end of its channel',
    'controller.close()\n      else',
    'void 0\n      else',
  ],
  ['S5', 'a stream that was cancelled still waits for a value', '      waiting?.withdraw()\n', ''],
  ['C11', 'senders do not hear of a stream that was cancelled', '      return abandon(ch, reason)\n', ''],
  ['C30', 'senders do not hear why a stream was cancelled', 'ch.close(reason)', 'ch.close()'],
  ['C13', 'a stream closes a channel that is closed', 'if (ch.closed === false) ch', 'ch'],
  ['C15', 'the ticker of a stream that was cancelled goes on', '    ch[Symbol.dispose]!()\n', ''],
])

const fromReadable = inFile('interop/from-readable-stream.ts', [
  ['C18', 'a trySelect asks a stream for nothing', '    if (this.length === 0) this.demand()\n', ''],
  [
    'C21',
    'a stream is asked before anybody receives',
    'if (capacity > 0) source.demand()',
    'source.demand()',
  ],
  ['C3', 'a stream is not read ahead', '  if (capacity > 0) source.demand()\n', ''],
  [
    'C3',
    'a stream is read ahead once only',
    'if (taken === WOULD_WAIT || this.length < this.capacity) this.demand()',
    'if (taken === WOULD_WAIT) this.demand()',
  ],
  [
    'C3',
    'a stream is read one chunk too far ahead',
    'this.canSend()',
    'this.canSend() || this.length === this.capacity',
  ],
  [
    'C7',
    'of receivers that wait for a stream one is served',
    'this.canSend()',
    'this.length < this.capacity',
  ],
  [
    'C8',
    'a receive that waits asks the stream for nothing',
    '    super.parkReceiver(waiter)\n    this.demand()\n',
    '    super.parkReceiver(waiter)\n',
  ],
  ['C8', 'a poll never asks the stream', 'if (taken === WOULD_WAIT || this', 'if (this'],
  ['R1', 'the source of a stream runs inside the receive', 'runtime.spawn(this.#read)', 'void this.#read()'],
  [
    'C23',
    'two reads of one stream are under way',
    'if (this.#isReading || this.closed) return',
    'if (this.closed) return',
  ],
  [
    'C9',
    'the end of a stream is no end of its channel',
    'if (done) this.#end(undefined)',
    'if (done) return',
  ],
  ['R5', 'a failure without a reason looks like an end', "reasonOf(error, 'read from a stream')", 'error'],
  [
    'J7',
    'a stream that ended is still followed by its cancel',
    '    this.detach?.()\n    this.close(error)',
    '    this.close(error)',
  ],
  [
    'J20',
    'a stream stays locked after its end',
    '    this.close(error)\n    this.#reader.releaseLock()',
    '    this.close(error)',
  ],
  [
    'J20',
    'a stream stays locked after its cancel',
    '.catch(() => {})\n      this.#reader.releaseLock()',
    '.catch(() => {})',
  ],
  ['J9', 'a cancel leaves the channel of a stream open', '    this.close(reason)\n', ''],
  [
    'J9',
    'a stream does not hear why it was cancelled',
    'this.#reader.cancel(reason)',
    'this.#reader.cancel()',
  ],
  [
    'J9',
    'a cancel that fired already is not seen by a stream',
    'if (ended) source.stop(ended.reason)\n  else if',
    'if',
  ],
  ['J20', 'disposing leaves the stream running', '() => source.stop(undefined)', '() => {}'],
])

const toWritable = inFile('interop/to-writable-stream.ts', [
  [
    'C22',
    'a write does not wait for its send',
    'return ch.send(chunk, { signal })',
    'void ch.send(chunk, { signal }).catch(() => {})',
  ],
  ['J9', 'an abort leaves the send of a stream waiting', 'ch.send(chunk, { signal })', 'ch.send(chunk)'],
  ['C9', 'the end of a stream does not close its channel', '      if (!ch.closed) ch.close()\n', ''],
  ['R5', 'an abort looks like an end', 'ch.close(signal.reason)', 'ch.close()'],
  ['C13', 'a stream that ends closes a channel a second time', 'if (!ch.closed) ch.close()', 'ch.close()'],
  ['C21', 'a stream takes two chunks that nobody took', '{ highWaterMark: 1 }', '{ highWaterMark: 2 }'],
])

const fromWritable = inFile('interop/from-writable-stream.ts', [
  ['C3 J5', 'what is sent to a stream that was closed before is lost', 'mayBeClosed ||\n', ''],
  ['C3', 'a stream without a high-water mark may be closed for ever', '      mayBeClosed = false\n', ''],
  [
    'C3',
    'sends run ahead of a stream that is full',
    '(unwritten > 0 && (isHandingOver || writer.desiredSize <= 0)),',
    'false,',
  ],
  ['C3', 'sends of one turn overfill a stream', '(isHandingOver || writer', '(writer'],
  [
    'C3',
    'a stream without a high-water mark takes nothing',
    'unwritten > 0 && (isHandingOver',
    '(isHandingOver',
  ],
  [
    'R1',
    'the sink of a stream runs inside the send',
    'runtime.spawn(() => write(value))',
    'void write(value)',
  ],
  [
    'C7',
    'a send that waits is not told of room in the stream',
    '    unwritten--\n    target.ready()',
    '    unwritten--',
  ],
  [
    'C3',
    'a send waits though the stream wishes for more',
    '    const written = writer.write(value)\n    target.ready()',
    '    const written = writer.write(value)',
  ],
  ['C9', 'close() leaves the stream open', 'runtime.spawn(() => writer.close().catch(() => {}))', 'void 0'],
  ['C30', 'a stream does not hear of close(error)', 'if (error !== undefined) return abort(error)', ''],
  ['J13', 'a stream that fails to close fails in silence', '      finished.catch(report)\n', ''],
  [
    'J13',
    'a failure that was told counts as one that nobody handles',
    '    if (!isHeard) throw error\n',
    '    throw error\n',
  ],
  [
    'J13',
    'a failure that a send told of counts as one that nobody handles',
    '      isHeard = true\n      return new',
    '      return new',
  ],
  [
    'J13',
    'a failure that finished tells counts as one that nobody handles',
    '        isHeard = true\n        return finished',
    '        return finished',
  ],
  [
    'J13',
    'an abort of the program counts as a failure that nobody handles',
    '    detach?.()\n    isHeard = true\n',
    '    detach?.()\n',
  ],
  [
    'C12',
    'a stream that failed takes more',
    "      return new ClosedChannelError('send', name, value, error)\n    })\n    writer",
    '      return undefined\n    })\n    writer',
  ],
  [
    'C30',
    'a send does not hear why its stream failed',
    "new ClosedChannelError('send', name, value, error)\n    })\n    writer",
    "new ClosedChannelError('send', name, value)\n    })\n    writer",
  ],
  [
    'J9 J7',
    'a cancel changes what sends fail with after close(error)',
    '    detach?.()\n    isHeard = true\n',
    '    isHeard = true\n',
  ],
  ['J20', 'a writable stream stays locked after its end', '    writer.releaseLock()\n', ''],
  [
    'J9',
    'a cancel leaves the stream open',
    '    runtime.spawn(() => writer.abort(reason).catch(() => {}))\n',
    '',
  ],
  ['J9', 'a cancel that fired already lets sends through', 'if (ended) abort(ended.reason)\n  else if', 'if'],
  [
    'J20',
    'leaving the scope leaves the stream open',
    'if (!target.channel.closed) target.channel.close()',
    '',
  ],
])

const events = inFile('interop/from-events.ts', [
  [
    'J20',
    'a listener that was refused is counted',
    "  if (kind === 'target') {\n    ;(source as EventTarget).addEventListener",
    "  runtime.observer?.listens(source)\n  if (kind === 'target') {\n    ;(source as EventTarget).addEventListener",
  ],
  ['R8', 'a listener for events is not seen', '  runtime.observer?.listens(source)\n', ''],
  ['C35', 'events are kept without bound', 'capacity = CAPACITY', 'capacity = Infinity'],
  [
    'C3',
    'of events that are too many the newest is dropped',
    "overflow = 'drop-oldest'",
    "overflow = 'drop-newest'",
  ],
  [
    'C12',
    'an event after the end is an error of its emitter',
    'if (!events.closed) events.trySend(value)',
    'events.trySend(value)',
  ],
  [
    'J20',
    'disposing leaves the listener',
    '    events.close(error)\n    unlisten()',
    '    events.close(error)',
  ],
  [
    'J20',
    'disposing leaves a channel of events open',
    '    events.close(error)\n    unlisten()',
    '    unlisten()',
  ],
  ['J7', 'a cancel leaves the listener', '      runtime.spawn(unlisten)\n', ''],
  ['R1', 'an emitter runs inside the cancel', 'runtime.spawn(unlisten)', 'unlisten()'],
  ['J9', 'a cancel does not end a channel of events', '      events.close(reason)\n', ''],
  ['J7', 'a channel of events that ended is still followed by its cancel', '    detach?.()\n', ''],
  ['J9', 'a cancel that fired already leaves a listener', '  if (ended) {\n', '  if (ended && false) {\n'],
  [
    'R5',
    "an emitter's error without a reason looks like an end",
    "reasonOf(error, 'listen for events')",
    'error',
  ],
  ['J13', "an emitter's error is not heard", "    if (type !== 'error') emitter.on('error', failed)\n", ''],
  [
    'J20',
    "the listener of an emitter's error stays",
    "      if (type !== 'error') emitter.off('error', failed)\n",
    '',
  ],
  ['J13', 'events may wait', "if (overflow !== 'drop-oldest' && overflow !== 'drop-newest')", 'if (false)'],
])

const rest = [
  ...inFile('interop/from-signal.ts', [
    [
      'X14',
      'anything passes for a signal',
      'if (!isAbortSignal(signal)) {',
      "if (typeof signal !== 'object') {",
    ],
  ]),
  ...inFile('interop/disposable-view.ts', [
    ['J20', 'the end of a scope stops nothing', '    this.#stop()\n', ''],
  ]),
  ...inFile('internal/listener.ts', [
    [
      'J7',
      'what ended is still followed by its cancel',
      'return () => listener.withdraw()',
      'return () => {}',
    ],
  ]),
  ...inFile('interop/reason.ts', [['R5', 'null is no reason', 'reason === undefined', 'reason == null']]),
]

export default [...toReadable, ...fromReadable, ...toWritable, ...fromWritable, ...events, ...rest]
