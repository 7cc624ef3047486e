import { inFile } from './mutant.mjs'

export default inFile('internal/foreign.ts', [
  [
    'J8 X27',
    'a signal that timed out is a cancel',
    'const isDeadline = isDeadlineExceeded(reason)',
    'const isDeadline = false',
  ],
  [
    'J8 X23',
    'the listener on a signal stays for ever',
    "    this.#signal.removeEventListener('abort', this.#aborted)\n",
    '',
  ],
  ['J8', 'nobody listens to a signal', "    this.#signal.addEventListener('abort', this.#aborted)\n", ''],
  [
    'J8 X23',
    'each wait under a signal has a listener of its own',
    'foreignCancellations.set(signal, (node = new ForeignCancellation(signal)))',
    'node = new ForeignCancellation(signal)',
  ],
  [
    'J8 X23',
    'a signal is followed by its event only',
    '    if (this.#isAborted || !this.#signal.aborted) return\n',
    "    if (this.#isAborted || !this.#signal.aborted || signals === 'later') return\n",
  ],
  [
    'R5 J8',
    'a signal that was aborted with null is not aborted',
    'this.#isAborted || !this.#signal.aborted',
    'this.#isAborted || this.#signal.reason == null',
  ],
  ['R1', 'a getter in the reason of a signal ends the tree twice', '    this.#isAborted = true\n', ''],
  [
    'X22 X7',
    'the contexts of a signal miss its end',
    '    if (this.#context?.isChild === false) this.adopt(this.#context)\n',
    '',
  ],
  [
    'X22 X7',
    'a context under a signal that was aborted is born alive',
    '    if (ended !== null) this.ended = asInherited(ended)\n',
    '',
  ],
  [
    'X22 X23',
    'a child of a signal sets no listener on it',
    '  /** A child has no other way to learn of the signal in time. */\n  protected override get hasToTellChildren(): boolean {\n    return true',
    '  protected override get hasToTellChildren(): boolean {\n    return false',
  ],
  [
    'X23 J8',
    'contexts that nobody uses keep the listener',
    '    if (this.isChild) this.#above.disown(this)\n',
    '',
  ],
  ['X22', 'what waits under a value of a signal is not told', '    this.#above.adopt(this)\n', ''],
  [
    'X22 J8',
    'contexts right under a signal reject with its reason',
    'return node instanceof ForeignCancellation ? node.context : node',
    'return node',
  ],
  [
    'J8 X15',
    'the reason of a signal is not the cause',
    'this.end({ error, reason, cause: reason }, signals)',
    'this.end({ error, reason, cause: error }, signals)',
  ],
  [
    'J8 J16',
    'waits under a signal reject with an error of ours',
    'this.end({ error, reason, cause: reason }, signals)',
    'this.end({ error, reason: error, cause: reason }, signals)',
  ],
  [
    'J13 X14',
    'a bare AbortSignal is a cancel',
    'if (isAbortSignal(signal)) return',
    'if (isAbortSignal(given)) return foreignCancellation(given as AbortSignal)\n  if (isAbortSignal(signal)) return',
  ],
  [
    'J18 J8',
    'a signal of another realm is refused',
    "typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'",
    'signal instanceof AbortSignal',
  ],
  [
    'J16',
    'the error of a signal has a stack',
    'const error = withoutStack(() =>\n      isDeadline ? new DeadlineExceededError(runtime.epochNow(), reason) : new CanceledError(reason),\n    )',
    'const error = isDeadline ? new DeadlineExceededError(runtime.epochNow(), reason) : new CanceledError(reason)',
  ],
])
