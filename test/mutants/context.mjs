import { inFile } from './mutant.mjs'

const making = inFile('context.ts', [
  [
    'X15',
    'withTimeout drops its cause',
    'runtime.epochNow() + ms, cause, `withTimeout',
    'runtime.epochNow() + ms, undefined, `withTimeout',
  ],
  ['X10', 'the deadline of a timeout is now', 'runtime.epochNow() + ms, cause', 'runtime.epochNow(), cause'],
  [
    'X10',
    'a timeout of 0 never runs out',
    'return deadlineContext(parent, runtime.now() + ms,',
    'return deadlineContext(parent, runtime.now() + (ms || Infinity),',
  ],
  [
    'X9',
    'withDeadline is a millisecond late',
    'runtime.momentAt(epochMs), epochMs',
    'runtime.momentAt(epochMs) + 1, epochMs',
  ],
  [
    'X15',
    'withDeadline drops its cause',
    'epochMs, cause, `withDeadline(',
    'epochMs, undefined, `withDeadline(',
  ],
  [
    'T17',
    'a timeout of Infinity is a deadline',
    'at === Infinity ? undefined : new Deadline',
    'new Deadline',
  ],
  [
    'J13',
    'a timeout may be NaN',
    "  checkTime('make a context withTimeout: ms', ms)",
    "  checkType('make a context withTimeout: ms', ms, 'number')",
  ],
  [
    'J13',
    'a timeout may be text',
    "  checkTime('make a context withTimeout: ms', ms)",
    "  if (typeof ms === 'number') checkTime('make a context withTimeout: ms', ms)",
  ],
  [
    'J18',
    'a date of another realm is refused',
    "Object.prototype.toString.call(at) === '[object Date]'",
    'at instanceof Date',
  ],
  [
    'X12',
    'an undefined value does not hide one further up',
    'if (this.#key === key) return this.#value as T',
    'if (this.#key === key && this.#value !== undefined) return this.#value as T',
  ],
  [
    'X12',
    'keys of one name are one key',
    'if (this.#key === key) return',
    'if (this.#key !== undefined && (this.#key as ContextKey<T>).name === key.name) return',
  ],
  [
    'X12',
    'what is no key is taken for one',
    "if (typeof given !== 'object' || given === null || typeof key.name !== 'string') {",
    'if (given === undefined || given === null) {',
  ],
  [
    'X12',
    'the value furthest up counts',
    'if (this.#key === key) return this.#value as T\n    let at = this.#parent\n',
    'let at = this.#parent\n    if (this.#key === key) return (at as Partial<Context> | null)?.value?.(key) ?? (this.#value as T)\n',
  ],
  [
    'X31 X12',
    'values are looked for a few contexts up',
    'if (at.#key === key) return at.#value as T',
    'if (at.#key === key) return at.#value as T\n      else if (at.#key === undefined && at.#step === this.#step) break',
  ],
  [
    'X22 X12',
    'values of a context of another make are lost',
    'return (at as Partial<Context> | null)?.value?.(key)',
    'return undefined',
  ],
  [
    'X21',
    'withoutCancel keeps the cancel',
    "return new TreeContext(null, parent, 'withoutCancel')",
    "return new TreeContext(cancellationOf(parent), parent, 'withoutCancel')",
  ],
  [
    'X14',
    'withoutCancel takes anything for a context',
    '  cancellationOf(parent)\n  return new TreeContext(null',
    '  return new TreeContext(null',
  ],
  [
    'X21 X22',
    'withoutCancel keeps the deadline of a context of another make',
    '    if (this[CANCELLATION] === null) return null\n',
    '',
  ],
  [
    'X21 X22',
    'withoutCancel keeps the deadline of a context of another make further up',
    ' if (at[CANCELLATION] === null) return null\n',
    ';\n',
  ],
  [
    'X22',
    'the deadline of a parent of another make does not count',
    'return own ?? above\n    return Math.min(own, above)',
    'return own\n    return own',
  ],
  ['X22 X8', 'the later of two deadlines is told', 'Math.min(own, above)', 'Math.max(own, above)'],
  [
    'X22 X15',
    'the cause of a parent of another make does not count',
    'return above?.err !== undefined && above.err === cause ? above.cause : cause',
    'return cause',
  ],
  [
    'X15 X22',
    'the cause of a parent of another make counts also where the child was cancelled first',
    'above?.err !== undefined && above.err === cause ? above.cause',
    'above?.err !== undefined ? above.cause',
  ],
  [
    'X1',
    'a context as text does not say how it was made',
    "return steps.reverse().join('.')",
    'return this.#step',
  ],
])

const living = inFile('context.ts', [
  [
    'X26',
    'done is made anew each time',
    'return (this.#done ??= node === null',
    'return (this.#done = node === null',
  ],
  [
    'X32',
    'err looks at the timer and not at the clock',
    'return this[CANCELLATION]?.poll()?.reason',
    'return this[CANCELLATION]?.ended?.reason',
  ],
  [
    'X32 X16',
    'cause looks at the timer and not at the clock',
    'const cause = this[CANCELLATION]?.poll()?.cause',
    'const cause = this[CANCELLATION]?.ended?.cause',
  ],
  [
    'X27',
    'err is made anew each time',
    'return this[CANCELLATION]?.poll()?.reason',
    'const err = this[CANCELLATION]?.poll()?.reason\n    return err && Object.create(err)',
  ],
  [
    'X28',
    'the deadline is gone once the context is cancelled',
    'const own = this[CANCELLATION]?.deadline?.epochMs',
    'const own = this[CANCELLATION]?.ended ? undefined : this[CANCELLATION]?.deadline?.epochMs',
  ],
  [
    'J20',
    'using does not cancel a context',
    '  [Symbol.dispose](): void {\n    this.cancel()\n  }',
    '  [Symbol.dispose](): void {}',
  ],
  [
    'X15',
    'cancel drops its cause',
    'this[CANCELLATION]!.cancel(cause)',
    'this[CANCELLATION]!.cancel(undefined)',
  ],
  [
    'X17',
    'afterFunc of a cancelled context runs inside the call',
    '    runtime.spawn(f)\n    return () => false',
    '    f()\n    return () => false',
  ],
  [
    'X17',
    'afterFunc of a cancelled context never runs',
    '    runtime.spawn(f)\n    return () => false',
    '    return () => false',
  ],
  [
    'X17 J12',
    'afterFunc runs in the async context of who cancels',
    'void waiter.promise<void>().then(() => f())',
    'waiter.settle = () => runtime.spawn(f)\n  void waiter.promise<void>()',
  ],
  ['X18', 'a stopped afterFunc runs', '    if (prevents) waiter.withdraw()\n', ''],
  [
    'X18',
    'stopping twice says twice that it prevented the call',
    'const prevents = waiter.queue !== null\n    if (prevents) waiter.withdraw()',
    'const prevents = waiter.isWaiting\n    if (prevents) waiter.withdraw()',
  ],
  [
    'X18',
    'stopping what never runs says true each time',
    '() => !isStopped && (isStopped = true)',
    '() => (isStopped = true)',
  ],
  [
    'X18 X32',
    'afterFunc of a context whose deadline has passed can be stopped',
    'if (node.poll() !== null) {\n    runtime.spawn(f)',
    'if (node.ended !== null) {\n    runtime.spawn(f)',
  ],
  ['J5', 'the failure of an afterFunc is silenced', '.then(() => f())', '.then(() => f()).catch(() => {})'],
  [
    'J13',
    'afterFunc takes anything for a function',
    "  checkType('run after a cancel: f', f, 'function')\n",
    '',
  ],
])

export default [...making, ...living]
