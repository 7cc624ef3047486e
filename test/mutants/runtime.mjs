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
    '    if (this.#mayTell()) void DONE.then(task)\n    else this.#spawnLater(task)\n',
    '    void DONE.then(task)\n',
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
    'if (this.#mayTell()) void DONE.then(task)\n',
    'if (this.#mayTell()) task()\n',
  ],
  [
    'J5 X17',
    'the failure of a spawned task is silenced',
    'if (this.#mayTell()) void DONE.then(task)\n',
    'if (this.#mayTell()) DONE.then(task).catch(() => {})\n',
  ],
  [
    'J3',
    'yieldNow lets no timer run',
    'return new Promise((resolve) => nextTurn(resolve))',
    'return Promise.resolve()',
  ],
  [
    'J3',
    'in a browser who asks alone for a turn gets none',
    'if (callbacks.push(callback) === 1) port2',
    'if (callbacks.push(callback) === 2) port2',
  ],
  [
    'J3',
    'in a browser only the first of those who ask for a turn gets it',
    'for (const callback of due) callback()',
    'due[0]!()',
  ],
  ['J3', 'in a browser who asked for a turn is told again in each', '    callbacks = []\n', ''],
  [
    'J18 R8',
    'two copies of the package have an order each',
    '(shared[KEY] ??= new Runtime())',
    'new Runtime()',
  ],
])
