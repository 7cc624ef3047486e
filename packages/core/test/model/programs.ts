import type fc from 'fast-check'
import { TIMEOUT } from './contexts.ts'
import { type Draft, type DraftCase, type DraftCommand, drafts } from './drafts.ts'
import type { Case, ChannelKind, Command, MakeContext, TimerState } from './state.ts'
import { ERRORS, REASONS } from './values.ts'

/** Commands by turns: those of one turn run without anything settling in between. */
export interface Program {
  readonly channels: readonly ChannelKind[]
  readonly turns: readonly (readonly Command[])[]
  /** What the values are, and how the lots fall. */
  readonly seed: number
}

/** Programs of up to 36 commands, one to three in a turn; at the end all channels are closed. */
export const programs: fc.Arbitrary<Program> = drafts.map(programOf)

function programOf({ channels: kinds, made, turns, seed }: Draft): Program {
  const writer = new Writer(kinds.length)
  const written = [made, ...turns].map((commands) => commands.flatMap((given) => writer.write(given)))
  const closes = kinds.map((_, index) => ({ close: index }))
  return { channels: kinds, turns: [...written.filter((commands) => commands.length > 0), closes], seed }
}

/** Writes out drafts: numbers the operations, and turns names into indexes of existing things. */
class Writer {
  readonly #channels: number
  #operations = 0
  readonly #funcs: number[] = []
  readonly #contexts: MakeContext['context'][] = []
  readonly #timers: TimerState['kind'][] = []

  constructor(channels: number) {
    this.#channels = channels
  }

  /** Nothing for a draft that names what is not there. */
  write(given: DraftCommand): Command[] {
    switch (given.does) {
      case 'operate':
        return [this.#operate(given)]
      case 'context':
        return [this.#context(given)]
      case 'clock': {
        this.#timers.push(given.clock)
        return [{ clock: given.clock, ms: given.clock === 'ticker' ? period(given.ms) : given.ms }]
      }
      case 'reset':
        return oneOf(this.#timers, given.of).map(([index, kind]) => {
          return { reset: index, ms: kind === 'ticker' ? period(given.ms) : given.ms }
        })
      case 'stop':
        return oneOf(this.#timers, given.of).map(([index]) => ({ stop: index }))
      case 'close':
        return [
          { close: given.of % this.#channels, ...(given.why === 'cause' ? { error: this.#error() } : {}) },
        ]
      case 'end':
        return oneOf(this.#contexts, given.of).map(([index, kind]) => this.#end(index, kind, given.why))
      case 'cancel':
        return this.#operations > given.of ? [{ cancel: this.#operations - 1 - given.of }] : []
      case 'look':
        return oneOf(this.#contexts, given.of).map(([index]) => ({ look: index }))
      case 'follow':
        return this.#named(given.of).map((index) => ({ follow: index }))
      case 'func':
        return oneOf(this.#contexts, given.of).map(([index]) => {
          this.#funcs.push(this.#operations)
          return { op: this.#operations++, func: index }
        })
      case 'stopFunc':
        return oneOf(this.#funcs, given.of).map(([, op]) => ({ stopFunc: op }))
      case 'busy':
        return [{ busy: given.ms }]
      case 'pass':
        return [{ pass: given.ms }]
    }
  }

  #operate({ cases: drafts, way: how, of: name }: Extract<DraftCommand, { does: 'operate' }>): Command {
    const op = this.#operations++
    const written = drafts.map((given, i) => this.#case(given, op * 10 + i))
    const [context] = how === 'under' ? oneOf(this.#contexts, name) : []
    if (context !== undefined) return { op, cases: written, under: context[0] }
    if (how === 'default' || how === 'canceled') return { op, cases: written, [how]: true }
    return { op, cases: written }
  }

  #case({ kind, of: name }: DraftCase, value: number): Case {
    const index = name % this.#channels
    if (kind === 'nil') return name % 2 === 0 ? { receive: null } : { send: null, value }
    if (kind === 'send') return { send: index, value }
    if (kind === 'done') for (const at of this.#named(name)) return { done: at }
    if (kind === 'timer') for (const [at] of oneOf(this.#timers, name)) return { timer: at }
    return { receive: index }
  }

  #context({
    context: kind,
    of: name,
    ms: given,
    hasCause,
  }: Extract<DraftCommand, { does: 'context' }>): Command {
    const [parent] = name % 4 === 0 ? [] : oneOf(this.#contexts, name)
    const isTimed = kind === 'timeout' || kind === 'deadline'
    this.#contexts.push(kind)
    return {
      context: kind,
      parent: kind === 'signal' || parent === undefined ? null : parent[0],
      ...(isTimed ? { ms: given, ...(hasCause ? { cause: this.#error() } : {}) } : {}),
    }
  }

  /** A signal that is aborted without a reason makes one of its own. */
  #end(index: number, kind: MakeContext['context'], why: 'nothing' | 'cause' | 'timeout'): Command {
    if (kind === 'signal')
      return { end: index, cause: why === 'timeout' ? TIMEOUT : REASONS + this.#operations }
    return { end: index, ...(why === 'nothing' ? {} : { cause: this.#error() }) }
  }

  /** A context that has `done`. */
  #named(name: number): number[] {
    const named = [...this.#contexts.keys()].filter((i) => this.#contexts[i] !== 'signal')
    return oneOf(named, name).map(([, index]) => index)
  }

  #error(): number {
    return ERRORS + this.#operations
  }
}

function oneOf<T>(list: readonly T[], name: number): [number, T][] {
  const index = name % list.length
  return list.length === 0 ? [] : [[index, list[index]!]]
}

/** A ticker has to have a period. */
function period(given: number): number {
  return given > 0 && given !== Infinity ? given : 5
}
