import { inFile } from './mutant.mjs'

const simulations = [
  ...inFile('testing/bubble.ts', [
    [
      'R8',
      'a select of a simulation picks what the dice say, and nothing else',
      "(this.#dice.below(count) + this.#options.chooser.choose(count, 'pick')) % count",
      'this.#dice.below(count)',
    ],
    [
      'R8',
      'a select of a simulation always picks the first',
      '(this.#dice.below(count) + this.#options',
      '(0 * this.#dice.below(count) + this.#options',
    ],
    ['R8', 'dice fall as a search of seed 1 chooses', 'seededRandom(DICE)', 'seededRandom(1)'],
    [
      'R8',
      'whose operation is done at once goes on only once others have come to rest',
      'return what !== YIELD && what !== TURN && this.#loop.becameReady(ready, this.#currentTask())',
      'return false',
    ],
    [
      'R8',
      'who awaits the end of a task goes on only once others have come to rest',
      "this.#wokeUp(joining, '', tell)\n      if (ready !== undefined)",
      "this.#wokeUp(joining, '', tell)\n      if (ready === null)",
    ],
  ]),
  ...inFile('testing/own-awaits.ts', [
    [
      'R8',
      'an update that is lost across a bare await is not found',
      'if (!task.isDone && task.joins === 0) this.areThere = true',
      '',
    ],
    [
      'R8',
      'an update that is lost while an operation of the task waits is not found',
      'if (task.promises > promises) this.overlap = true',
      '',
    ],
    [
      'R8',
      'a task that awaits one that has ended is taken to await something of its own',
      'if (task.endedJoins > endedJoins) return this.#look(task, JOIN_HOPS)',
      '',
    ],
    [
      'R8',
      'a task that awaits the end of another is taken to await something of its own',
      'export const JOIN_HOPS = 4',
      'export const JOIN_HOPS = 0',
    ],
  ]),
  ...inFile('testing/roster.ts', [
    [
      'J22',
      'tasks that are left behind are no leak',
      'return this.#tasks.length === 0 && this.#waiting.size === 0',
      'return this.mainIsDone',
    ],
  ]),
  ...inFile('testing/virtual-time.ts', [
    ['R8', 'an advance rings what is due later', 'advance.at >= alarmAt', 'advance.at >= alarmAt - 5'],
  ]),
  ...inFile('testing/loop.ts', [
    [
      'R8',
      'time goes on while a task waits for something outside',
      'if (tasks.length === 0) return false',
      'return false',
    ],
    [
      'R8',
      'time goes on before settled resolves',
      'if (this.#time.settle() || this.#cancelsHere() ||',
      'if (this.#cancelsHere() ||',
    ],
    [
      'R8',
      'settled does not wait for timers that are due',
      'roster.isAnybodyReady || this.#time.isAnyDue',
      'roster.isAnybodyReady',
    ],
    [
      'T15',
      'who was woken goes on before other timers of that moment ring',
      'const rings = this.#time.isAnyDue ? 1 : 0',
      'const rings = this.#time.isAnyDue && candidates.length === 0 ? 1 : 0',
    ],
    [
      'R8',
      'of the timers that are due at once the first set always rings first',
      "due.length === 1 ? 0 : this.#options.chooser.choose(due.length, 'timer')",
      '0',
    ],
    [
      'R8',
      'a search wakes whoever is ready in the order of the commits only',
      'const next = candidates[chosen - rings]',
      'const next = candidates[0]',
    ],
    [
      'R8',
      'who is woken goes on only once who woke it has come to rest',
      "chooser.choose(2, 'wake') === 0",
      'true',
    ],
    [
      'R8',
      'who is started begins only once who started it has come to rest',
      'void HOP.then(() => this.becameReady(ready, ready.task))',
      '',
    ],
    [
      'R8',
      'of those who go on in one turn those who begin do so before the others',
      'if (isBurst && what === STARTS) void HOP.then(goesOn)',
      'if (false) void HOP.then(goesOn)',
    ],
    [
      'R8',
      'a task takes no turns with itself',
      'task.pending === 1 : overlaps',
      'task.pending === 1 : false',
    ],
    [
      'R8',
      'who goes on at once does so only once others that run have come to rest',
      'return this.#roster.unseen().some((other) => other !== task)',
      'return false',
    ],
    [
      'R8',
      'a task that sleeps a thousand times after the body returned is a leak',
      'return Math.min(MOMENTS,',
      'return Math.min(1_000,',
    ],
    ['R8', 'a failure of a task is not that of the simulation', 'this.#failure ??= { error }', 'void error'],
    [
      'R8',
      'an invariant that answers late holds',
      'const isLate = holds instanceof Promise',
      'const isLate = false',
    ],
    ['R8', 'an invariant is not checked', 'if (holds === false ||', 'if (holds === null ||'],
    [
      'R8',
      'the context of a simulation is not cancelled at its end',
      'runAs(this.#clock, () => this.cancel())\n',
      '',
    ],
    [
      'R8',
      'a search cancels before steps only, not while all wait',
      'this.#time.settle() || this.#cancelsHere() ||',
      'this.#time.settle() ||',
    ],
    [
      'R8',
      'a callback of the host comes too late for a deadlock',
      'if (isUnderWay(this.#world) !== true ||',
      'if (true ||',
    ],
  ]),
]

const searches = [
  ...inFile('testing/ready.ts', [
    [
      'R8',
      'a simulation keeps tasks that have ended',
      'new WeakMap<Task, number>()',
      'new Map<Task, number>()',
    ],
    ['R8', 'a task that polls may starve all others', '(this.#yields.get(task) ?? 0) < YIELDS', 'true'],
    [
      'R8 G16',
      'a group under a cancel is left before its body began',
      'return what !== TURN || isOver ||',
      'return true || isOver ||',
    ],
    [
      'R8 G16 J3',
      'a group under a cancel goes on while others wake each other for ever',
      ' || this.#gone - this.#turns.get(ready)! >= SLICE',
      '',
    ],
  ]),
  ...inFile('testing/strategies/dfs.ts', [
    ['R8', 'a search of all orders ends too early', 'chosen + 1 < count', 'chosen + 2 < count'],
  ]),
  ...inFile('testing/strategies/delays.ts', [
    [
      'R8',
      'a bound of two is one of one',
      'if (this.#depth >= this.#bound && this.#runs >= this.#least) return',
      'if (this.#depth + 1 >= this.#bound && this.#runs >= this.#least) return',
    ],
    [
      'R8',
      'a search that is short ends at its bound',
      '(this.#depth > this.#bound && this.#runs >= this.#least)',
      'this.#depth > this.#bound',
    ],
    ['R8', 'departures are tried twice', 'let at = (this.#last?.at ?? -1) + 1', 'let at = 0'],
  ]),
  ...inFile('testing/strategies/pct.ts', [
    [
      'R8',
      'the last task has the highest priority',
      '> priorities.get(tasks[best]!)! ? i : best',
      '>= 2 ? i : best',
    ],
  ]),
  ...inFile('testing/explore.ts', [
    [
      'R8',
      'a search that is told its bound goes beyond it',
      'options.delays === undefined ? Math.min(LEAST, runs) : 0',
      'Math.min(LEAST, runs)',
    ],
    ['R8', 'a search without departures cancels in none', 'cancelAt === false ? 0 : 1', '0'],
    ['R8', 'a body that is not deterministic is not noticed', '&& again.outcome === run.outcome', ''],
    [
      'R8',
      'a failure that does not come again is reported',
      'again.hasStrayed || again.failure === null ||',
      'again.hasStrayed && again.failure === null ||',
    ],
    ['R8', 'a search that was cut says that it is complete', 'wasCut ||= isCut', ''],
  ]),
  ...inFile('testing/schedule.ts', [
    [
      'R8',
      'a schedule loses its first choice',
      'chosen: parts[4]!.split',
      "chosen: ('0.' + parts[4]!).split",
    ],
    ['R8', 'a program that strays from its schedule is not noticed', 'this.hasStrayed = true', ''],
  ]),
  ...inFile('testing/strategies/random.ts', [
    ['R8', 'a search by chance cancels before all else', 'this.dice.below(this.#places + 1)', '0'],
    [
      'R8',
      'a search by chance cancels in each run',
      'this.dice.below(this.#places + 1)',
      'this.dice.below(this.#places || 1)',
    ],
  ]),
  ...inFile('testing/simulation.ts', [
    [
      'R8',
      'what is asked of a simulation that has ended never comes',
      'if (bubble.isOver) throw',
      'if (false) throw',
    ],
  ]),
  ...inFile('testing/shrink.ts', [
    [
      'R8',
      'what is thrown and no error does not come again',
      'return [typeof failure, ...named]',
      'return [failure, ...named]',
    ],
    ['R8', 'a schedule is not shrunk', '    best = trimmed(other.choices)\n', ''],
    [
      'R8',
      'a schedule is shrunk to one that does not fail',
      'if (other.failure === null || !isAlike(other.failure.error, run.failure!.error)) return false',
      '',
    ],
    [
      'R8',
      'a schedule is shrunk to what a run was told and did not do',
      'best = trimmed(other.choices)',
      'best = trimmed(chosen.map((choice) => ({ why: "next", count: choice + 1, chosen: choice })))',
    ],
    ['R8', 'no one departure is tried for several', 'at < best.length - 1; at++', 'at < 0; at++'],
  ]),
]

const reports = [
  ...inFile('testing/locks.ts', [
    ['J22', 'a lock made of a channel has no holder', 'target.capacity !== 1', 'target.capacity !== 2'],
  ]),
  ...inFile('testing/report.ts', [
    ['J22', 'a report has no cycle', 'const cycle = cycleIn(sorted)', 'const cycle: string[] = []'],
  ]),
  ...inFile('testing/site.ts', [
    ['J22', 'a report shows lines of the library', '(frame) => !isOwn(frame, places)', '() => true'],
    ['R8', 'a recorded wait keeps its channel alive', 'if (keepsNothing) void this.#holder.stack', ''],
  ]),
  ...inFile('testing/host.ts', [
    ['R8', 'a wait that is over stays in the snapshot', '      waiting.delete(known)\n', ''],
    [
      'R8',
      'a timer set in a simulation runs by the clock of the host',
      '      here.arm(alarm)\n',
      '      host.alarms.arm(alarm)\n',
    ],
    ['R8', 'a leak check forgets timers', 'for (const scope of scopes) scope.armed(alarm)', ''],
    [
      'R8',
      'a leak check forgets listeners',
      'if (world() === null) for (const scope of scopes) scope.listens(target)',
      '',
    ],
    ['R8', 'a leak check forgets tasks', 'for (const scope of scopes) scope.began(task)', ''],
    [
      'R8',
      'a task of a group that may begin in the same turn begins later all the same',
      'const follows = toldInTurn.has(start)',
      'const follows = false',
    ],
  ]),
  ...inFile('testing/outside.ts', [
    [
      'R8',
      'time goes on while a thread of the host derives a key',
      'record.handles.length > 0 || record.jobs.size > 0',
      'record.handles.length > 0',
    ],
    [
      'R8',
      'a job of a thread of the host is never over',
      'for (const { jobs } of begun.values()) jobs.delete(id)',
      'void id',
    ],
    [
      'R8',
      'a job that was done at once is never over',
      'if (ondone === undefined) record.jobs.delete(id)',
      'if (record === undefined) record.jobs.delete(id)',
    ],
    ['R8', 'time goes on while the host compresses', 'buffer != null', 'buffer === begun'],
    [
      'R8',
      'a simulation hangs where a test fakes the clock of the host',
      'performance.now.bind(performance)',
      '() => performance.now()',
    ],
  ]),
  ...inFile('testing/leak-check.ts', [
    [
      'R8',
      'options of a leak check that are none are not refused',
      "checkType('check for leaks: options', options, 'object')",
      '',
    ],
  ]),
  ...inFile('testing/describe.ts', [
    ['J22', 'a sleep without an end is stopped', "'never due'", "'stopped'"],
  ]),
  ...inFile('testing/task.ts', [
    [
      'R8',
      'who still runs when its simulation has ended hangs',
      'this.#world?.isOver === true ? null : this.#world',
      'this.#world',
    ],
  ]),
  ...inFile('testing/guard.ts', [
    [
      'R8',
      'a channel of a simulation can be used from outside',
      'if (tellsTasks && currentTask()',
      'if (!tellsTasks && currentTask()',
    ],
  ]),
  ...inFile('testing/vitest.ts', [
    [
      'R8',
      'a body that is not deterministic fails in some order',
      "!(error instanceof ExplorationError) || error.kind !== 'failure'",
      '!(error instanceof ExplorationError)',
    ],
  ]),
  ...inFile('testing/pending.ts', [
    ['R8', 'what is no promise is pending for ever', "?.then !== 'function'", "?.then === 'number'"],
  ]),
  ...inFile('testing/simulate.ts', [
    [
      'R8',
      'a body that is none fails in its first order',
      "checkType(`${operation}: the body`, body, 'function')",
      '',
    ],
  ]),
  ...inFile('testing/crash.ts', [
    [
      'R8',
      'a rejection that nobody handles ends the test run, not the simulation',
      'if (fail !== undefined) fail(reason)',
      'if (fail === null) heard(reason, promise)',
    ],
  ]),
  ...inFile('testing/deadlock-report.ts', [
    ['J22', 'a program in a deadlock ends with 0', 'process.exit(exitCode)', ''],
    [
      'J22',
      'options of a deadlock report that are none are not refused',
      "checkType('install the deadlock report: options', options, 'object')",
      '',
    ],
  ]),
]

export default [...simulations, ...searches, ...reports]
