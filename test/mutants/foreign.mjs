import { inFile } from './mutant.mjs'

const signal = inFile('internal/foreign.ts', [
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
    'foreignCancellations.set(signal, (made = new ForeignCancellation(signal)))',
    'made = new ForeignCancellation(signal)',
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
  [
    'R1',
    'a getter in the reason of a signal ends the tree twice',
    '    this.#isAborted = true\n    let',
    '    let',
  ],
  [
    'R3',
    'a signal that cannot be listened to leaves a wait half done',
    "      this.#end(error, 'later')\n",
    '      throw error\n',
  ],
  [
    'R3',
    'a listener that cannot be taken off fails a partner',
    '      void Promise.reject(error)\n',
    '      throw error\n',
  ],
  ['R3', 'a reason that throws leaves a wait for ever', '      reason = error\n', '      throw error\n'],
  ['X22 X7', 'the contexts of a signal miss its end', '    contexts?.mark(reason)\n', ''],
  ['X22 X2', 'the contexts of a signal are not told of its end', '    contexts?.tell(signals)\n', ''],
  [
    'R1 J8',
    'listeners of a context run inside the operation that notices the abort of a signal',
    'contexts?.tell(signals)',
    "contexts?.tell('now')",
  ],
  [
    'X24 R1',
    'a getter in the reason of a signal sees half a cancelled tree',
    '    contexts?.mark(reason)\n    this.ended = { reason }\n',
    '    this.ended = { reason }\n    contexts?.mark(reason)\n',
  ],
  [
    'X24',
    'who waits under a signal is told before its contexts are marked',
    '    contexts?.mark(reason)\n    this.ended = { reason }\n    this.failWaits()\n',
    '    this.ended = { reason }\n    this.failWaits()\n    contexts?.mark(reason)\n',
  ],
  ['J8 J9', 'who waits under a signal is not told', '    this.failWaits()\n', ''],
  [
    'R6 X25',
    'the contexts of a signal are told before those who wait under it',
    '    this.failWaits()\n    contexts?.tell(signals)\n',
    '    contexts?.tell(signals)\n    this.failWaits()\n',
  ],
  [
    'J13 X14',
    'a bare AbortSignal is a cancel',
    'if (isAbortSignal(signal)) return',
    'if (isAbortSignal(given)) return foreignCancellation(given as AbortSignal)\n  if (isAbortSignal(signal)) return',
  ],
  [
    'J13 X14',
    'what is aborted or not is a signal, though nobody can listen to it',
    "typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'",
    "typeof signal?.aborted === 'boolean'",
  ],
  [
    'J18 J8',
    'a signal of another realm is refused',
    "typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'",
    'signal instanceof AbortSignal',
  ],
  [
    'J13 M1',
    'a lock takes null for no cancel',
    'return cancel === undefined ? null : cancellationOf(cancel)',
    'return !cancel ? null : cancellationOf(cancel)',
  ],
  ['J13', 'the error of what is no cancel does not tell it', ': describe(given)\n', ": 'an object'\n"],
  [
    'J13',
    'who gives a signal for a cancel is not told how',
    "isAbortSignal(given) ? 'an AbortSignal: pass { signal }' : describe(given)",
    'describe(given)',
  ],
])

const contexts = inFile('internal/context-node.ts', [
  [
    'J8 X27',
    'a signal that timed out is a cancel',
    '    isDeadlineExceeded(cause)\n',
    '    isDeadlineExceeded(cause) && false\n',
  ],
  [
    'X22 X7',
    'a context under a signal that was aborted is born alive',
    '    if (ended !== null) this.ended = asContextEnded(ended)\n',
    '',
  ],
  [
    'X22 X23',
    'a child of a signal sets no listener on it',
    '  /** A child has no other way to learn of the signal in time. */\n  protected override get hasToTellChildren(): boolean {\n    return true',
    '  protected override get hasToTellChildren(): boolean {\n    return false',
  ],
  ['X23 J8', 'contexts that nobody uses keep the listener', '    this.origin.release()\n', ''],
  ['X22', 'what waits under a value of a signal is not told', '    this.origin.hold()\n', ''],
  [
    'X22',
    'each context under a signal hangs on a root of its own',
    '  if (above.contexts instanceof ForeignRoot) return above.contexts\n',
    '',
  ],
  [
    'J8 X15',
    'the reason of a signal is not the cause',
    '      : new CanceledError(cause),\n    cause,',
    '      : new CanceledError(cause),\n    undefined,',
  ],
  [
    'J8 R5',
    'a signal that was aborted with the error of a context hands that on',
    '      isDeadlineExceeded(cause)\n',
    '      cause instanceof CanceledError ? cause : isDeadlineExceeded(cause)\n',
  ],
  [
    'X27 J8',
    'the error of a signal that timed out has the wrong clock',
    'new DeadlineExceededError(runtime.epochNow(), cause)\n',
    'new DeadlineExceededError(runtime.now(), cause)\n',
  ],
])

export default [...signal, ...contexts]
