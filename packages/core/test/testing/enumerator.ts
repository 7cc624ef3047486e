// All outcomes of small channel programs, found without the library: an exploration has to agree with them.

export type Op =
  | { readonly do: 'send'; readonly ch: number; readonly value: number }
  | { readonly do: 'receive'; readonly ch: number }
  | { readonly do: 'close'; readonly ch: number }
  | { readonly do: 'select'; readonly cases: readonly Op[] }

export interface Program {
  readonly capacities: readonly number[]
  /** What each task does, one after the other. */
  readonly tasks: readonly (readonly Op[])[]
}

interface State {
  readonly buffers: number[][]
  readonly closed: boolean[]
  /** Tasks that wait, longest first, and on which cases. */
  waiting: { task: number; cases: readonly Op[] }[]
  readonly next: number[]
  readonly seen: string[][]
}

/** What a task saw, or that it still waits: the same words as the programs that run use. */
export const WAITS = 'waits'
export const FAILS = 'fails'

/** Every outcome, by trying every order of steps and every choice. */
export function outcomesOf(program: Program): string[] {
  const outcomes = new Set<string>()
  const start: State = {
    buffers: program.capacities.map(() => []),
    closed: program.capacities.map(() => false),
    waiting: [],
    next: program.tasks.map(() => 0),
    seen: program.tasks.map(() => []),
  }
  const open = [start]
  const known = new Set<string>()
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const key = JSON.stringify(state)
    if (known.has(key)) continue
    known.add(key)
    const successors = program.tasks.flatMap((_, task) => stepsOf(program, state, task))
    if (successors.length === 0) outcomes.add(outcomeOf(state))
    open.push(...successors)
  }
  return [...outcomes].sort()
}

function outcomeOf({ seen, waiting }: State): string {
  return seen
    .map((words, task) =>
      [...words, ...(waiting.some((waiter) => waiter.task === task) ? [WAITS] : [])].join(),
    )
    .join(' | ')
}

/** The states after one operation of `task`. */
function stepsOf(program: Program, state: State, task: number): State[] {
  const op = program.tasks[task]![state.next[task]!]
  if (op === undefined || state.waiting.some((waiter) => waiter.task === task)) return []
  const cases = op.do === 'select' ? op.cases : [op]
  const done = cases.flatMap((one) => performed(program, state, task, one))
  if (done.length > 0) return done
  const parked = structuredClone(state)
  parked.next[task]!++
  parked.waiting.push({ task, cases })
  return [parked]
}

/** The states after `op`; none if it has to wait. */
function performed(program: Program, before: State, task: number, op: Op): State[] {
  if (op.do === 'select') throw new Error('no select in a select')
  const state = structuredClone(before)
  const { ch } = op
  state.next[task]!++
  const partnerOf = (side: 'send' | 'receive') => {
    const waiter = state.waiting.find(({ cases }) => cases.some((one) => one.do === side && one.ch === ch))
    const chosen = waiter?.cases.find((one) => one.do === side && 'ch' in one && one.ch === ch)
    if (waiter !== undefined) state.waiting = state.waiting.filter((other) => other !== waiter)
    return waiter === undefined ? undefined : { task: waiter.task, op: chosen! }
  }
  const see = (who: number, what: string) => void state.seen[who]!.push(what)
  const buffer = state.buffers[ch]!
  if (op.do === 'close') {
    if (state.closed[ch]) return fail(state, task, program)
    state.closed[ch] = true
    for (let receiver = partnerOf('receive'); receiver; receiver = partnerOf('receive'))
      see(receiver.task, 'end')
    for (let sender = partnerOf('send'); sender; sender = partnerOf('send')) fail(state, sender.task, program)
    return [state]
  }
  if (op.do === 'send') {
    if (state.closed[ch]) return fail(state, task, program)
    const receiver = partnerOf('receive')
    if (receiver !== undefined) see(receiver.task, `${op.value}`)
    else if (buffer.length < program.capacities[ch]!) buffer.push(op.value)
    else return []
    return [state]
  }
  const sender = buffer.length > 0 || !state.closed[ch] ? partnerOf('send') : undefined
  if (sender !== undefined) buffer.push((sender.op as { value: number }).value)
  const value = buffer.shift()
  if (value === undefined && !state.closed[ch]) return []
  see(task, value === undefined ? 'end' : `${value}`)
  return [state]
}

/** A task that fails does nothing more. */
function fail(state: State, task: number, program: Program): State[] {
  state.seen[task]!.push(FAILS)
  state.next[task] = program.tasks[task]!.length
  return [state]
}
