import { inFile } from './mutant.mjs'

export default [
  ...inFile('internal/turns.ts', [
    [
      'R5',
      'a setImmediate that throws is one',
      '    clearImmediate(setImmediate(() => {}))\n',
      '    setImmediate.name\n',
    ],
    [
      'R5',
      'a host without a MessageChannel is none',
      "  if (typeof MessageChannel !== 'function') return setTimeout\n",
      '',
    ],
    ['J14', 'a turn in a browser keeps a process alive', '      port1.close()\n', ''],
    [
      'J3',
      'in a browser who asks alone for a turn gets none',
      'if (callbacks.push(callback) > 1) return',
      'if (callbacks.push(callback) !== 2) return',
    ],
    [
      'J3',
      'in a browser only the first of those who ask for a turn gets it',
      'for (const callback of due) callback()',
      'due[0]!()',
    ],
    ['J3', 'in a browser who asked for a turn is told again in each', '    callbacks = []\n', ''],
  ]),
  ...inFile('internal/workerd-turns.ts', [
    [
      'J3',
      'in a Worker operations wait for a turn of another request',
      'BUDGET: number = Infinity',
      'BUDGET: number = 256',
    ],
    ['J3', 'in a Worker yieldNow lets no timer run', 'void setTimeout(callback)', 'callback()'],
  ]),
  ...inFile('internal/workerd-alarms.ts', [
    [
      'T2',
      'in a Worker a timer may be early',
      '    if (alarm.at > this.#now()) return this.arm(alarm)\n',
      '',
    ],
    ['J15', 'in a Worker long waits end at once', ', DAY_MS)', ', Infinity)'],
    [
      'J14',
      'in a Worker what nobody waits for keeps its timer',
      '    clearTimeout(this.#timers.get(alarm))\n',
      '',
    ],
    [
      'J14',
      'in a Worker a timer that rang is armed',
      '    alarm.slot = -1\n    alarm.ring()',
      '    alarm.ring()',
    ],
  ]),
]
