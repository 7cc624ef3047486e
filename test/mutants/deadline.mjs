import { inFile } from './mutant.mjs'

export default inFile('internal/deadline.ts', [
  [
    'X32 J14',
    'a wait under a deadline does not arm its timer',
    '    if (this.slot < 0) alarms().arm(this)\n',
    '',
  ],
  [
    'X11',
    'a deadline is armed twice',
    '    if (this.slot < 0) alarms().arm(this)\n',
    '    alarms().arm(this)\n',
  ],
  [
    'X11',
    'a deadline that comes first is armed at each wait',
    'if (this.slot < 0) alarms',
    'if (this.slot <= 0) alarms',
  ],
  [
    'J14 X11',
    'waits that are over keep the process alive for their deadline',
    '    if (--this.#holds === 0) alarms().release()',
    '    --this.#holds',
  ],
  ['J14', 'a wait under a deadline does not keep the process alive', '    alarms().hold()\n    if', '    if'],
  [
    'J14',
    'each wait under a deadline keeps the process alive for itself',
    '    if (this.#holds++ > 0) return\n',
    '    this.#holds++\n',
  ],
  ['X32', 'a deadline passes a moment late', 'runtime.now() >= this.at', 'runtime.now() > this.at'],
  [
    'X15',
    'a context that ended without a cause has none',
    'cause: cause === undefined ? reason : cause',
    'cause',
  ],
  ['X15 R5', 'the cause null of a context is none', 'cause === undefined ? reason', 'cause == null ? reason'],
  [
    'J16 X15',
    'the error of a deadline does not say why',
    'new DeadlineExceededError(this.epochMs, this.#cause)',
    'new DeadlineExceededError(this.epochMs)',
  ],
  [
    'C30 X28',
    'the error of a deadline has the wrong clock',
    'new DeadlineExceededError(this.epochMs,',
    'new DeadlineExceededError(this.at,',
  ],
  ['X11', 'the deadline of a cancelled context stays armed', '    alarms().disarm(this)\n', ''],
  ['T15', 'deadlines of one moment pass in any order', 'alarms().nextSequence()', '0'],
  ['J16 X27', 'the errors of a context have a stack', 'withoutStack(make)', 'make()'],
  [
    'T15',
    'of deadlines of one moment the one that was waited for first passes first',
    '    if (this.slot < 0) alarms().arm(this)',
    '    if (this.slot >= 0) return\n    ;(this as { sequence: number }).sequence = alarms().nextSequence()\n    alarms().arm(this)',
  ],
])
