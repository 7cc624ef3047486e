import { inFile } from './mutant.mjs'

const mutex = inFile('sync/mutex.ts', [
  [
    'M1',
    'a release leaves the mutex free for whoever asks next',
    '        next.commit(this.#hold(next))\n',
    '        void Promise.resolve().then(() => next.commit(this.#hold(next)))\n        return\n',
  ],
  [
    'M2',
    'a guard releases what somebody else holds',
    'if (guard.amount === this.#holder) this.#handOver()',
    'if (guard.amount > 0) this.#handOver()',
  ],
  [
    'M3',
    'tryLock gives a second guard',
    'return this.#holder === NOBODY ? this.#hold(null) : undefined',
    'return this.#hold(null)',
  ],
  [
    'M16 J9',
    'a free mutex wins over a cancel that fired',
    '    if (ended !== null) return runtime.failed(ended.reason)\n',
    '    if (ended !== null && this.#holder !== NOBODY) return runtime.failed(ended.reason)\n',
  ],
  [
    'M2 M12',
    'a guard released while it was lent keeps the mutex',
    'if (this.#forgone === null || !this.#forgone.delete(lent)) this.#isHeldBy(lent, next.operation)',
    'this.#isHeldBy(lent, next.operation)',
  ],
  [
    'M12',
    'a condition takes a free mutex back only with the next release',
    '    if (this.#holder === NOBODY) this.#handOver()\n',
    '',
  ],
  [
    'M12',
    'who comes back from a condition holds the mutex under another guard',
    '!this.#forgone.delete(lent)) this.#isHeldBy(lent, next.operation)',
    '!this.#forgone.delete(lent)) this.#isHeldBy(++this.#guards, next.operation)',
  ],
  [
    'M26 R7',
    'a cancelled lock stays in line',
    "return waitIn(this.#waiters, 'lock', this, cancellation)",
    "return waitIn(this.#waiters, 'lock', this, null)",
  ],
])
const guard = inFile('sync/guard.ts', [
  ['M2 M19', 'a guard gives back twice', '    this.#owner = null\n    owner', '    owner'],
  [
    'M2 M19',
    'using gives nothing back',
    '  [Symbol.dispose](): void {\n    this.release()\n',
    '  [Symbol.dispose](): void {\n',
  ],
])
const rwmutex = inFile('sync/rwmutex.ts', [
  [
    'M4',
    'new readers pass a writer that waits',
    'if (this.#hasWriter || this.#waitingWriters.first !== null) return undefined',
    'if (this.#hasWriter) return undefined',
  ],
  [
    'M6',
    'a reader enters while a writer writes',
    'if (this.#hasWriter || this.#waitingWriters.first !== null) return undefined',
    'if (this.#waitingWriters.first !== null) return undefined',
  ],
  [
    'M6',
    'a writer enters while readers read',
    'if (this.#hasWriter || this.#readers > 0) return undefined',
    'if (this.#hasWriter) return undefined',
  ],
  [
    'M5',
    'a writer hands over to the next writer first',
    '    this.#admitReaders()\n    if (this.#readers === 0) this.#admitWriter()\n',
    '    this.#admitWriter()\n    if (!this.#hasWriter) this.#admitReaders()\n',
  ],
  [
    'M5',
    'a writer lets in one reader',
    '      reader.commit(this.#read(reader))\n',
    '      reader.commit(this.#read(reader))\n      return\n',
  ],
  [
    'M5 M1',
    'the first reader that leaves lets the writer in',
    'if (--this.#readers === 0) this.#admitWriter()',
    'if (--this.#readers >= 0) this.#admitWriter()',
  ],
  [
    'M26',
    'readers go on waiting when the last writer gave up',
    'new SharedWaitQueue(() => this.#writerLeft())',
    'new WaitQueue()',
  ],
  [
    'M26',
    'readers enter when one of two writers gave up',
    'if (!this.#hasWriter && this.#waitingWriters.first === null)',
    'if (!this.#hasWriter)',
  ],
  [
    'M26',
    'readers enter beside a writer when another gave up',
    'if (!this.#hasWriter && this.#waitingWriters.first === null)',
    'if (this.#waitingWriters.first === null)',
  ],
  [
    'M17',
    'a reader is let in by the cancel that ends it',
    '      if (isBeingCanceled(reader)) continue\n',
    '',
  ],
])
const semaphore = inFile('sync/semaphore.ts', [
  [
    'M13',
    'small claims pass a large one',
    '      if (weight > this.#available || isBeingCanceled(next)) return\n',
    '      if (isBeingCanceled(next)) return\n      if (weight > this.#available) {\n        const other = next.next\n        if (other === null || (other.value as number) > this.#available) return\n        this.#available -= other.value as number\n        other.commit(new HeldGuard(this, other.value as number))\n        continue\n      }\n',
  ],
  [
    'M13',
    'a release serves one',
    '      next.commit(this.#give(weight, next))\n',
    '      next.commit(this.#give(weight, next))\n      return\n',
  ],
  [
    'M14',
    'whoever tries passes those who wait',
    'weight > this.#available || this.#waiters.first !== null',
    'weight > this.#available',
  ],
  [
    'M15',
    'those behind one who gave up go on waiting',
    'new SharedWaitQueue(() => this.#grant())',
    'new SharedWaitQueue(() => {})',
  ],
  ['M17', 'one is served by the cancel that ends it', ' || isBeingCanceled(next)) return', ') return'],
  [
    'M18',
    'more than there is waits for ever',
    '    if (weight > this.size) {',
    '    if (weight > this.size * 1e9) {',
  ],
  [
    'M19',
    'a large guard gives one permit back',
    '    this.#available += guard.amount\n',
    '    this.#available += 1\n',
  ],
  [
    'M20',
    'a weight below 0 is taken',
    "checkWhole('acquire from a semaphore: weight', weight, 0)",
    "checkWhole('acquire from a semaphore: weight', weight, -9)",
  ],
  [
    'M20',
    'a size of 0 is taken',
    "checkWhole('make a semaphore: size', size, 1)",
    "checkWhole('make a semaphore: size', size, 0)",
  ],
  [
    'M16 J9',
    'free permits win over a cancel that fired',
    '    if (ended !== null) return runtime.failed(ended.reason)\n',
    '',
  ],
])
const waitGroup = inFile('sync/wait-group.ts', [
  ['M7', 'a counter falls below 0', 'if (counter < 0 ||', 'if (counter < -9 ||'],
  [
    'M7',
    'reaching 0 releases one',
    'for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) waiter.accept()',
    'this.#waiters.shift()?.accept()',
  ],
  [
    'M7',
    'half a task is counted',
    '    if (!Number.isSafeInteger(delta)) {',
    '    if (Number.isNaN(delta)) {',
  ],
  ['M7', 'a counter has no upper bound', ' || !Number.isSafeInteger(counter)', ''],
  ['M9', 'a task that fails is never done', '        failure = { error }\n', '        throw error\n'],
  [
    'M9',
    'that a task was done once too often hides what it failed with',
    'failure ??= { error }',
    'failure = { error }',
  ],
  [
    'M9 J12',
    'wg.go runs its function inside the call',
    "    runtime.spawn(run, 'wait group task', f)\n",
    '    void run()\n',
  ],
])
const once = [
  ...inFile('sync/once.ts', [
    ['M10', 'everybody hears of a run that failed', ' && waiter.value === CALLER', ''],
    [
      'M10',
      'nobody hears of a run that failed',
      'if (outcome.hasFailed && waiter.value === CALLER)',
      'if (outcome.hasFailed && waiter.value !== CALLER && waiter.value !== undefined)',
    ],
    [
      'M10',
      'nobody waits for the one run',
      'return this.#call.outcome === null ? this.#call.wait(cancellation) : runtime.done()',
      'return runtime.done()',
    ],
    [
      'M16 J9',
      'a run starts under a cancel that fired',
      '    if (ended !== null) return runtime.failed(ended.reason)\n',
      '    if (ended !== null && this.#call !== null) return runtime.failed(ended.reason)\n',
    ],
  ]),
  ...inFile('sync/once-value.ts', [
    ['M11', 'a value is made anew for each', '(call ??= new ValueCall(f))', '(call = new ValueCall(f))'],
    [
      'M11',
      'an error is told to those who waited only',
      'outcome.hasFailed ? runtime.failed(outcome.error) : runtime.succeeded(outcome).then(valueIn)',
      'runtime.succeeded(outcome as Box<T>).then(valueIn)',
    ],
  ]),
  ...inFile('sync/call.ts', [
    [
      'M10',
      'a function that asks for itself waits for ever',
      'if (!this.#isInside) return waitIn',
      'return waitIn',
    ],
    [
      'M10',
      'a function is taken to ask for itself for as long as it runs',
      '    } finally {\n      this.#isInside = false\n',
      '    } finally {\n      void this.#isInside\n',
    ],
    [
      'M21 M24',
      'an outcome reaches one',
      'for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift())\n',
      'for (let waiter = this.#waiters.shift(); waiter; waiter = null)\n',
    ],
    [
      'R1 J12',
      'a function runs inside the call',
      "    runtime.spawn(() => this.#run(f), 'call', f)\n",
      '    void this.#run(f)\n',
    ],
  ]),
]
const cond = inFile('sync/cond.ts', [
  [
    'M12',
    'a wait resolves before it has the mutex',
    '    this.#mutex[TAKE_BACK](this.place)\n',
    '    this.#mutex[TAKE_BACK](this.place)\n    if (this.isWaiting) super.commit(outcome)\n',
  ],
  ['M12', 'a cancelled wait resolves', '    this.#outcome = outcome\n', '    this.#outcome = undefined\n'],
  [
    'M12',
    'broadcast wakes one',
    'for (let place = this.#waiters.shift(); place; place = this.#waiters.shift()) place.accept()',
    'this.signal()',
  ],
  [
    'M12 M17',
    'a signal is lost on one who was cancelled',
    '    if (this.place.queue !== null) this.place.queue.remove(this.place)\n',
    '',
  ],
  [
    'M12',
    'waiting without the mutex is not refused',
    '    if (guard === null) {',
    '    if (guard === undefined) {',
  ],
  [
    'M16 J9',
    'a cancel that fired gives the mutex away',
    '    if (ended !== null) return runtime.failed(ended.reason)\n',
    '    if (ended !== null) {\n      this.mutex[LEND]()\n      return runtime.failed(ended.reason)\n    }\n',
  ],
])
const flight = inFile('sync/single-flight.ts', [
  [
    'M21',
    'a call is made for each who asks',
    '    if (flight === undefined) {',
    '    if (flight === undefined || flight.isShared || flight) {',
  ],
  ['M21', 'the first is told that nobody shared', '      flight.isShared = true\n', ''],
  [
    'M22',
    'the end of a forgotten call takes the newer one along',
    'if (this.#flights.get(key) === flight) this.#flights.delete(key)',
    'this.#flights.delete(key)',
  ],
  [
    'M22',
    'forget does nothing',
    '  forget(key: K): void {\n    this.#flights.delete(key)\n',
    '  forget(key: K): void {\n    void key\n',
  ],
  [
    'M25',
    'a call that ended is kept',
    'if (this.#flights.get(key) === flight) this.#flights.delete(key)',
    'void flight',
  ],
  [
    'M16 J9',
    'a call starts under a cancel that fired',
    '    if (ended !== null) return runtime.failed(ended.reason)\n    let',
    '    let',
  ],
])
const waiting = inFile('internal/waiter.ts', [
  [
    'M15 R4',
    'those whom a cancel makes room for are told before it',
    '    operation.commit(error)\n    // Only after the failure was told: it comes before what it makes possible.\n    if (queue !== null) queue.left()\n',
    '    if (queue !== null) {\n      operation.withdraw()\n      queue.left()\n    }\n    operation.commit(error)\n',
  ],
  ['M15 M26', 'nobody learns that one gave up', '    if (queue !== null) queue.left()\n', ''],
  [
    'M17',
    'no cancel is under way while it is told',
    'return cancellation !== null && cancellation.ended !== null',
    'return false',
  ],
])

export default [
  ...mutex,
  ...guard,
  ...rwmutex,
  ...semaphore,
  ...waitGroup,
  ...once,
  ...cond,
  ...flight,
  ...waiting,
]
