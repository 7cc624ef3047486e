/** A step of a program as the model tells it, and what can be asked of it. */

import { isReady, longest, partnerCases } from './channels.ts'
import type { Case, Command, Completion, Operate, Operation, Outcome, State } from './state.ts'

/** What the library did, and how many outcomes were legal. */
export interface Seen {
  readonly before: State
  readonly command: Command
  readonly outcome: Outcome
  readonly legal: number
}

export interface Situation extends Seen {
  readonly after: State
  /** What ended, apart from the operation that began. */
  readonly others: readonly Completion[]
  /** What became of the operation that began. */
  readonly own: Completion | undefined
  /** The contexts that ended. */
  readonly ended: readonly number[]
}

export function situationOf({ before, command, outcome, legal }: Seen): Situation {
  const { state: after, completed, said } = outcome
  const op = 'op' in command ? command.op : undefined
  const own = typeof said === 'object' ? said : completed.find((completion) => completion.op === op)
  const others = own === undefined ? completed : completed.filter((completion) => completion !== own)
  // A context that is born cancelled did not end here.
  const hasEnded = (i: number) =>
    before.contexts[i]!.ended === undefined && after.contexts[i]!.ended !== undefined
  const ended = before.contexts === after.contexts ? [] : [...before.contexts.keys()].filter(hasEnded)
  return { before, command, outcome, legal, after, others, own, ended }
}

export function isOperate(command: Command): command is Operate {
  return 'cases' in command
}

export function casesOf(command: Command): readonly Case[] {
  return isOperate(command) ? command.cases : []
}

export function isSelect(command: Command): boolean {
  return casesOf(command).length > 1
}

export function operationOf({ before }: Situation, { op }: Completion): Operation | undefined {
  return before.waiting.find((operation) => operation.op === op)
}

/** Whether, of several ready cases, the one at a given place among them happened. */
export function isChosen({ command, before, own }: Situation, place: 0 | -1): boolean {
  const cases = casesOf(command)
  const ready = [...cases.keys()].filter((i) => isReady(before, cases[i]!))
  return ready.length > 1 && own?.case === ready.at(place)
}

/** The same of cases of one select that waited on one side of one channel. */
export function isServed(seen: Situation, place: 0 | -1): boolean {
  const [given] = casesOf(seen.command)
  if (given === undefined || casesOf(seen.command).length > 1 || !isOfChannel(given)) return false
  return seen.others.some((end) => {
    const operation = operationOf(seen, end)
    const cases = operation === undefined ? [] : partnerCases(operation, given)
    return cases.length > 1 && end.case === cases.at(place)
  })
}

export function isWide(seen: Situation, end: Completion): boolean {
  return (operationOf(seen, end)?.cases.length ?? 0) > 1
}

export function isOnBothSides(cases: readonly Case[], index: number): boolean {
  return (
    cases.some((given) => 'receive' in given && given.receive === index) &&
    cases.some((given) => 'send' in given && given.send === index)
  )
}

export function hasDropped({ before, after }: Situation, overflow: string): boolean {
  return after.channels.some((ch, i) => ch.overflow === overflow && ch.dropped > before.channels[i]!.dropped)
}

export function isAbort({ command, before }: Situation): boolean {
  return 'end' in command && before.contexts[command.end]!.kind === 'signal'
}

export function isBelow(seen: Situation, end: Completion, top: number): boolean {
  const under = operationOf(seen, end)?.under
  return under !== undefined && end.error === 'canceled' && seen.before.contexts[under]!.node !== top
}

/** The deadline that a new context was given. */
export function ownAt({ command, before }: Situation): number | undefined {
  if (!('context' in command) || command.ms === undefined || command.ms === Infinity) return undefined
  return before.now + command.ms
}

export function aboveAt({ command, before }: Situation): number | undefined {
  if (!('context' in command) || command.parent === null) return undefined
  return before.contexts[command.parent]!.deadline?.at
}

export function isPast({ contexts, now }: State, under: number | undefined): boolean {
  const deadline = under === undefined ? undefined : contexts[under]!.deadline
  return deadline !== undefined && deadline.at <= now
}

function isOfChannel(given: Case): boolean {
  return 'send' in given || 'receive' in given
}

export function isPartner(state: State, given: Case, op: number): boolean {
  return isOfChannel(given) && longest(state, given)?.op === op
}

export function waitsFor({ waiting }: State, timer: number): number {
  return waiting.filter(({ cases }) => cases.some((given) => 'timer' in given && given.timer === timer))
    .length
}

export function missed({ timers, now }: State, index: number): boolean {
  const { at, period } = timers[index]!
  return now >= at + period
}

export function isTie({ timers, contexts }: State, { cases, under }: Operation, until: number): boolean {
  const moments = cases.flatMap((given) => ('timer' in given ? [timers[given.timer]!.at] : []))
  const named = cases.flatMap((given) => ('done' in given ? [given.done] : []))
  return [under, ...named].some((i) => {
    const deadline = i === undefined || contexts[i]!.ended !== undefined ? undefined : contexts[i]!.deadline
    return deadline !== undefined && deadline.at <= until && moments.includes(deadline.at)
  })
}
