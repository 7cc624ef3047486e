import { inFile } from './mutant.mjs'

export default inFile('internal/runtime.ts', [
  [
    'J3',
    'two tasks that hand a value back and forth starve timers',
    'return --this.#budget >= 0 || this.#renewBudget()',
    'return true',
  ],
  [
    'J3',
    'a loop that starts tasks starves timers',
    'void (start ?? this.done()).then(task)',
    'void (start ?? DONE).then(task)',
  ],
  ['J3', 'timers wait for twenty milliseconds', 'const SLICE_MS = 1', 'const SLICE_MS = 20'],
  [
    'J3',
    'the runtime yields for ever',
    '    this.#isYielding = false\n    this.#budget = BUDGET\n    const untold',
    '    this.#budget = BUDGET\n    const untold',
  ],
  [
    'J3',
    'the runtime asks for one turn only',
    '    this.#turnIsMarked = false\n    this.#isYielding',
    '    this.#isYielding',
  ],
  [
    'R4 J3',
    'after a yield the last is told first',
    'for (const tell of untold) tell()',
    'for (const tell of untold.reverse()) tell()',
  ],
  ['R4 J3', 'after a yield only the first is told', 'for (const tell of untold) tell()', 'untold[0]!()'],
  [
    'R4 J3',
    'who waited is told before those whom a yield holds back',
    '    else this.#settleLater(operation, outcome)',
    '    else operation.settle(outcome)',
  ],
  [
    'R4 J3',
    'a success at once is told before those whom a yield holds back',
    'return new Promise((resolve) => this.#untold.push(() => resolve(result)))',
    'return Promise.resolve(result)',
  ],
  [
    'R4 J3',
    'a failure at once is told before those whom a yield holds back',
    'return new Promise((_, reject) => this.#untold.push(() => reject(error)))',
    'return Promise.reject(error)',
  ],
  [
    'R4 J3',
    'a send at once is told before those whom a yield holds back',
    'return this.#mayTell() ? DONE : this.#succeedLater(undefined)',
    'return DONE',
  ],
  [
    'S1 R8',
    'a choice prefers the cases in the middle',
    'Math.floor(Math.random() * count)',
    'Math.round(Math.random() * (count - 1))',
  ],
  ['T18 R8', 'timers follow the wall clock', 'return performance.now()', 'return Date.now()'],
  [
    'X17 R1',
    'a spawned task runs inside the call',
    'void (start ?? this.done())',
    'if (start === undefined) return void task()\n    void (start ?? this.done())',
  ],
  [
    'J5 X17',
    'the failure of a spawned task is silenced',
    'void (start ?? this.done()).then(task)',
    'void (start ?? this.done()).then(task).catch(() => {})',
  ],
  [
    'J12',
    'a task that begins after a yield has the async context of whoever yielded',
    '    void (start ?? this.done()).then(task)',
    '    if (start || this.#mayTell()) void (start ?? DONE).then(task)\n    else this.#untold.push(() => void DONE.then(task))',
  ],
  [
    'J3',
    'yieldNow lets no timer run',
    'return new Promise((resolve) => nextTurn(resolve))',
    'return Promise.resolve()',
  ],
  [
    'J18 R8',
    'two copies of the package have an order each',
    '(shared[KEY] ??= new Runtime())',
    'new Runtime()',
  ],
])
