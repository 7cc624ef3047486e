/**
 * What has to come up in random programs for them to prove anything: by the number of the rule that it
 * concerns. A generator that never gets there would let the rule's bugs live.
 */

import { isReady } from './channels.ts'
import {
  aboveAt,
  casesOf,
  hasDropped,
  isAbort,
  isBelow,
  isChosen,
  isOnBothSides,
  isOperate,
  isPartner,
  isPast,
  isSelect,
  isServed,
  isTie,
  isWide,
  missed,
  operationOf,
  ownAt,
  waitsFor,
  type Seen,
  type Situation,
  situationOf,
} from './seen.ts'

const SITUATIONS: { readonly [name: string]: (seen: Situation) => boolean } = {
  'R3 J7 a cancel comes after the commit': ({ command, before }) =>
    'cancel' in command && !before.waiting.some(({ op }) => op === command.cancel),
  'R3 a cancel reaches an operation that waits': ({ command, others }) =>
    'cancel' in command && others.length > 0,
  'C6 a sender takes the place that a receive frees': ({ command, own, others }) =>
    isOperate(command) &&
    own?.ok === true &&
    others.some(({ ok, case: index }) => ok === undefined && index !== undefined),
  'C11 a close fails senders': ({ command, others }) =>
    'close' in command && others.some(({ error }) => error === 'closed'),
  'C10 a close ends receivers': ({ command, others }) =>
    'close' in command && others.some(({ ok }) => ok === false),
  'C12 a send to a closed channel': ({ own }) => own?.error === 'closed',
  'C13 a second close': ({ outcome }) => outcome.said === 'threw',
  'a close with an error fails receivers': ({ command, others }) =>
    'close' in command && others.some(({ error }) => error === 'failed'),
  'a receive from a failed channel': ({ own }) => own?.error === 'failed',
  'K2 the oldest is dropped': (seen) => hasDropped(seen, 'drop-oldest'),
  'K2 the newest is dropped': (seen) => hasDropped(seen, 'drop-newest'),
  'K2 a value goes to a receiver of a channel that drops': ({ command, before, others }) =>
    others.some(({ ok }) => ok) &&
    casesOf(command).some((given) => 'send' in given && before.channels[given.send!]?.overflow !== 'wait'),

  'S1 more than one outcome is legal': ({ legal }) => legal > 1,
  'S1 the first of several ready cases happens': (seen) => isChosen(seen, 0),
  'S1 the last of several ready cases happens': (seen) => isChosen(seen, -1),
  'S2 a select chooses a send on a closed channel': ({ command, own }) =>
    isSelect(command) && own?.error === 'closed',
  'S3 default is taken': ({ command, own }) => isSelect(command) && own?.default === true,
  'S4 a select waits': ({ command, own }) => isSelect(command) && own === undefined,
  'R6 a select that waited is served': (seen) =>
    seen.others.some((end) => end.error === undefined && isWide(seen, end)),
  'S8 two selects meet': (seen) =>
    isSelect(seen.command) && seen.others.some((end) => end.error === undefined && isWide(seen, end)),
  'S9 the first of several cases that wait on a channel is served': (seen) => isServed(seen, 0),
  'S9 the last of several cases that wait on a channel is served': (seen) => isServed(seen, -1),
  'S18 a close ends a select': (seen) =>
    'close' in seen.command && seen.others.some((end) => isWide(seen, end)),
  'S19 a close ends a select that waits on both sides': ({ command, before }) =>
    'close' in command && before.waiting.some(({ cases }) => isOnBothSides(cases, command.close)),

  'J9 a cancel that fired wins over a ready case': ({ command, own, before }) =>
    own?.error === 'canceled' && casesOf(command).some((given) => isReady(before, given)),
  'S26 done is one of several ready cases': ({ command, after, legal }) =>
    legal > 1 && casesOf(command).some((given) => 'done' in given && isReady(after, given)),
  'X4 a cancel ends waits further down': (seen) =>
    'end' in seen.command &&
    seen.others.some((end) => isBelow(seen, end, (seen.command as { end: number }).end)),
  'X2 a cancel ends who receives from done': ({ command, others }) =>
    'end' in command && others.some(({ ok }) => ok === false),
  'X3 a cancel comes after the end': ({ command, before }) =>
    'end' in command && before.contexts[command.end]!.ended !== undefined,
  'X7 a context is born ended': ({ command, after }) =>
    'context' in command && after.contexts.at(-1)!.ended !== undefined,
  'X8 a deadline is void under an earlier one': (seen) =>
    (ownAt(seen) ?? -Infinity) > (aboveAt(seen) ?? Infinity),
  'X8 a deadline is equal to the one above': (seen) =>
    ownAt(seen) !== undefined && ownAt(seen) === aboveAt(seen),
  'X9 a deadline has passed when it is made': (seen) => (ownAt(seen) ?? Infinity) <= seen.before.now,
  'X15 a deadline that passed unnoticed comes before a cancel above': ({ command, after, ended }) =>
    'end' in command && ended.some((i) => i !== command.end && after.contexts[i]!.ended!.by === i),
  'X15 a cancel finds that the deadline has passed': ({ command, after, ended }) =>
    'end' in command &&
    ended.includes(command.end) &&
    after.contexts[command.end]!.ended!.error === 'deadline',
  'X17 afterFunc runs': ({ others }) => others.some(({ ran }) => ran === true),
  'X17 afterFunc runs though the context has ended': ({ own }) => own?.ran === true,
  'X18 stop prevents': ({ command, outcome }) => 'stopFunc' in command && outcome.said === true,
  'X18 stop comes too late': ({ command, outcome }) => 'stopFunc' in command && outcome.said === false,
  'X22 an abort ends waits right under the signal': (seen) =>
    isAbort(seen) &&
    seen.others.some((end) => operationOf(seen, end)?.under === (seen.command as { end: number }).end),
  'X22 an abort ends waits further down': (seen) =>
    isAbort(seen) && seen.others.some((end) => isBelow(seen, end, (seen.command as { end: number }).end)),
  'X22 an abort ends a context with a value': (seen) =>
    isAbort(seen) && seen.ended.some((i) => seen.after.contexts[i]!.kind === 'value'),
  'X22 an abort says that time ran out': (seen) =>
    isAbort(seen) && seen.ended.some((i) => seen.after.contexts[i]!.ended!.error === 'deadline'),
  'X32 reading notices a deadline': ({ command, ended }) => 'look' in command && ended.length > 0,
  'X32 an operation under it notices a deadline': ({ command, ended, own }) =>
    isOperate(command) && own?.error === 'canceled' && ended.length > 0,
  'X32 a case notices a deadline': ({ command, ended, own }) =>
    isOperate(command) && own?.error === undefined && ended.length > 0,
  'X32 making a child notices a deadline': ({ command, ended }) => 'context' in command && ended.length > 0,
  'X32 asking for the signal notices a deadline': ({ command, ended }) =>
    'follow' in command && ended.length > 0,
  'X32 afterFunc notices a deadline': ({ command, ended }) => 'func' in command && ended.length > 0,
  'X32 a look ends waits': ({ command, others }) => 'look' in command && others.length > 0,
  'X32 a look of a select ends the partner of another of its cases': ({ command, before, others }) =>
    others.some(
      ({ op, error }) =>
        error === 'canceled' && casesOf(command).some((given) => isPartner(before, given, op)),
    ),
  'X32 a wait is served past its deadline': (seen) =>
    seen.others.some((end) => end.error === undefined && isPast(seen.before, operationOf(seen, end)?.under)),
  'X2 a deadline ends waits in time': ({ command, others }) =>
    'pass' in command && others.some(({ error, ok }) => error === 'canceled' || ok === false),
  'J8 the signal of a context is aborted': ({ before, ended }) =>
    ended.some((i) => before.contexts[i]!.isFollowed),

  'T1 a timer gives the moment at which it was due': ({ own, before }) =>
    own?.at !== undefined && own.at < before.now,
  'T3 a timer is due at once': ({ command, own, before }) => isOperate(command) && own?.at === before.now,
  'T4 a due timer is one of several ready cases': ({ legal, command, before }) =>
    legal > 1 && casesOf(command).some((given) => 'timer' in given && isReady(before, given)),
  'T6 stop of a timer that is due': ({ command, outcome, before }) =>
    'stop' in command && outcome.said === true && before.timers[command.stop]!.at <= before.now,
  'T6 stop of a timer that gave its value': ({ command, outcome }) =>
    'stop' in command && outcome.said === false,
  'T7 reset of a timer that is due': ({ command, outcome, before }) =>
    'reset' in command && outcome.said === true && before.timers[command.reset]!.at <= before.now,
  'T8 stop while somebody waits': ({ command, before }) =>
    'stop' in command && waitsFor(before, command.stop) > 0,
  'T8 reset while somebody waits': ({ command, before }) =>
    'reset' in command && waitsFor(before, command.reset) > 0,
  'T8 reset serves somebody at once': ({ command, others }) => 'reset' in command && others.length > 0,
  'T4 a receive waits behind one whose value is due': ({ command, before, own }) =>
    own === undefined &&
    casesOf(command).some((given) => 'timer' in given && before.timers[given.timer]!.at <= before.now),
  'T8 a timer serves who waits': ({ command, others }) =>
    'pass' in command && others.some(({ at }) => at !== undefined),
  'T11 ticks were missed': ({ own, before, command }) =>
    own?.at !== undefined &&
    casesOf(command).some(
      (given, i) =>
        i === own.case &&
        'timer' in given &&
        before.timers[given.timer]!.period > 0 &&
        missed(before, given.timer),
    ),
  'T13 several wait for one ticker': ({ command, before }) =>
    'pass' in command && before.timers.some(({ period }, i) => period > 0 && waitsFor(before, i) > 1),
  'T15 a timer and a deadline are due together for one who waits': ({ command, before }) =>
    'pass' in command &&
    before.waiting.some((operation) => isTie(before, operation, before.now + command.pass)),
}

export type Counts = { [name: string]: number }

/** Counts of nothing yet. */
export function noSituations(): Counts {
  return Object.fromEntries(Object.keys(SITUATIONS).map((name) => [name, 0]))
}

export function count(counts: Counts, seen: Seen): void {
  const situation = situationOf(seen)
  for (const [name, cameUp] of RECOGNISED) if (cameUp(situation)) counts[name]!++
}

const RECOGNISED = Object.entries(SITUATIONS)
