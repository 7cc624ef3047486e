import { inFile } from './mutant.mjs'

const tree = inFile('internal/context-node.ts', [
  [
    'X8',
    'the own deadline counts also where the parent’s comes first',
    'own !== undefined && (inherited === null || own.at <= inherited.at)',
    'own !== undefined',
  ],
  [
    'X8 X15',
    'of two deadlines that are the same the parent’s counts',
    'own.at <= inherited.at',
    'own.at < inherited.at',
  ],
  [
    'X11',
    'a timeout that nobody waits under or cancels stays with its parent',
    '      if (next.deadline !== null && next.deadline.slot < 0) next.poll()\n',
    '',
  ],
  ['X11', 'of the children only the eldest is looked at', '      this.#suspect = next.#nextSibling\n', ''],
  [
    'X11',
    'a child that comes ends waits before their alarms do',
    'next.deadline !== null && next.deadline.slot < 0',
    'next.deadline !== null',
  ],
  [
    'X11',
    'a parent keeps a child that was cancelled, to look at it next',
    '    if (this.#suspect === child) this.#suspect = next\n',
    '',
  ],
  ['X7', 'a child of a cancelled context is born alive', '    else this.ended = above\n', ''],
  [
    'X2 X4',
    'a child is not cancelled with its parent',
    '    if (above === null) parent.#adopt(this)\n    else',
    '    if (above !== null)',
  ],
  ['X32', 'a deadline counts only when its timer fires', 'if (this.deadline?.hasPassed())', 'if (false)'],
  [
    'X22 J8',
    'a context does not see that the signal it hangs on was aborted',
    '    this.origin = hangsOn\n',
    '    this.origin = null\n',
  ],
  [
    'X32 X15',
    'a late cancel wins over a deadline that has passed',
    "if (this.poll('now') !== null) return",
    'if (this.ended !== null) return',
  ],
  [
    'X3 X15',
    'a second cancel replaces the cause of the first',
    "if (this.poll('now') !== null) return",
    "this.poll('now')",
  ],
  [
    'X15',
    'what cancel was told is not the cause',
    'endedBy(() => new CanceledError(cause), cause)',
    'endedBy(() => new CanceledError(cause), undefined)',
  ],
  [
    'J16',
    'the error of a cancel does not say why',
    'endedBy(() => new CanceledError(cause), cause)',
    'endedBy(() => new CanceledError(), cause)',
  ],
  [
    'X15 R5',
    'who cancels with the error of another context hands that on',
    'endedBy(() => new CanceledError(cause), cause)',
    'endedBy(() => (cause instanceof CanceledError ? cause : new CanceledError(cause)), cause)',
  ],
  [
    'X6',
    'cancelling a child cancels its parent',
    '    const marked = this.markTree(ended)\n',
    '    if (this.#parent !== null && this.#parent.ended === null && this.origin === null) return this.#parent.#end(ended, signals)\n    const marked = this.markTree(ended)\n',
  ],
  [
    'X11 X29',
    'a cancelled child stays with its parent',
    '    if (this.#parent !== null) this.#parent.#disown(this)\n',
    '',
  ],
  [
    'X24 R1',
    'a listener sees half a cancelled tree',
    '    for (const node of marked) node.#tell()\n    for (const node of marked) {\n',
    '    for (const node of marked) {\n      node.#tell()\n',
  ],
  [
    'X24',
    'who waits on a parent is told before its children are marked',
    '    const marked = this.markTree(ended)\n',
    '    this.ended = ended\n    this.#tell()\n    const marked = this.markTree(ended)\n',
  ],
  [
    'X4',
    'cancelling reaches the first child only',
    'while (node.#firstChild !== null) {',
    'if (node.#firstChild !== null) {',
  ],
  [
    'X4',
    'cancelling reaches children, but not theirs',
    '        marked.push(child)\n',
    '        if (node === this) marked.push(child)\n',
  ],
  [
    'X25',
    'the youngest sibling is told first',
    '        const child = node.#firstChild\n',
    '        const child = node.#lastChild!\n',
  ],
  [
    'X15 X32',
    'a deadline below that passed unnoticed loses against a cancel above',
    'own?.hasPassed() ? own.ended : node.ended!',
    'node.ended!',
  ],
  [
    'X11',
    'a cancelled context keeps its timer',
    '    if (this.deadline?.owner === this) this.deadline.disarm()\n',
    '',
  ],
  [
    'X8 X11',
    'cancelling a child disarms the deadline of its parent',
    'if (this.deadline?.owner === this) this.deadline.disarm()',
    'this.deadline?.disarm()',
  ],
  [
    'X2',
    'who waits for done is not told',
    '    for (let waiter = this.#receivers?.first; waiter; waiter = this.#receivers!.first) waiter.end()\n',
    '',
  ],
  [
    'X2 X19',
    'of those who wait for done one is told',
    'for (let waiter = this.#receivers?.first; waiter; waiter = this.#receivers!.first) waiter.end()',
    'this.#receivers?.first?.end()',
  ],
])

const links = inFile('internal/context-node.ts', [
  ['J14 X2', 'a receive from done sets no timer', '    if (isFirst) this.hold()\n', ''],
  [
    'J14 X23',
    'a receive from done that was withdrawn keeps the process alive',
    '  abandoned(): void {\n    this.release()\n  }',
    '  abandoned(): void {}',
  ],
  [
    'X32',
    'done looks at the timer and not at the clock',
    'return this.poll() === null ? WOULD_WAIT',
    'return this.ended === null ? WOULD_WAIT',
  ],
  [
    'X32 S26',
    'done as a case looks at the timer and not at the clock',
    'return this.poll() !== null\n',
    'return this.ended !== null\n',
  ],
  [
    'X23 J8',
    'children that left a signal leave its listener behind',
    '    child.#parent = child.#previousSibling = child.#nextSibling = null\n    if (this.hasToTellChildren) this.release()\n',
    '    child.#parent = child.#previousSibling = child.#nextSibling = null\n',
  ],
  [
    'X23',
    'a child of a signal sets no listener',
    '    this.#lastChild = child\n    if (this.hasToTellChildren) this.hold()\n',
    '    this.#lastChild = child\n',
  ],
  [
    'X11 X29',
    'a child that leaves takes its younger siblings along',
    '    if (previous === null) this.#firstChild = next\n    else',
    '    if (previous === null) this.#firstChild = null\n    else',
  ],
  [
    'X11 X29',
    'a child that leaves from the middle takes its younger siblings along',
    '    else previous.#nextSibling = next\n',
    '    else previous.#nextSibling = null\n',
  ],
  [
    'X11 X29',
    'a child that leaves keeps its place before its younger sibling',
    '    else next.#previousSibling = previous\n',
    '',
  ],
  [
    'X11 X29',
    'after the youngest child left new ones are lost',
    '    if (next === null) this.#lastChild = previous\n',
    '    if (next === null) void 0\n',
  ],
  [
    'R3',
    'a receive from done whose signal cannot be listened to gets in line though it has failed',
    '    const isFirst = this.#receivers.first === null\n    this.#receivers.push(waiter)\n    // After the push: holding may show that it has ended, and then the receiver has to be told.\n    if (isFirst) this.hold()\n',
    '    if (this.#receivers.first === null) this.hold()\n    this.#receivers.push(waiter)\n',
  ],
])

const signals = inFile('internal/context-node.ts', [
  [
    'J8 X2',
    'the signal of a context is not aborted by a cancel',
    "      if (signals === 'now') node.#abort()\n",
    "      if (signals === 'now') continue\n",
  ],
  [
    'J8 X32',
    'the signal of a context is not aborted where an operation notices the deadline',
    '      else runtime.spawn(() => node.#abort())\n',
    '',
  ],
  [
    'R1 X32',
    'listeners run inside the operation that notices the deadline',
    'this.deadline.owner!.expire(signals)',
    "this.deadline.owner!.expire('now')",
  ],
  [
    'R1 J8',
    'listeners run inside the operation that notices an abort',
    'this.origin?.poll(signals)',
    "this.origin?.poll('now')",
  ],
  ['J8 X7', 'the signal of a cancelled context is not aborted', '    if (isOver) this.#abort()\n', ''],
  [
    'J8',
    'the signal of a context is made anew each time',
    '    if (this.#controller === null) {\n',
    '    {\n',
  ],
  ['J14 J8', 'the signal of a context with a deadline sets no timer', '      if (!isOver) this.hold()\n', ''],
  [
    'J14 J8',
    'the signal of a cancelled context keeps the process alive',
    '    if (this.#controller !== null) this.release()\n',
    '',
  ],
  [
    'J8 X22',
    'the signal of a context has the reason of the signal above',
    'abort(this.ended!.reason)',
    'abort(this.ended!.cause)',
  ],
])

export default [...tree, ...links, ...signals]
