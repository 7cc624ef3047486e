import fc from 'fast-check'
import type { ChannelKind, MakeContext, TimerState } from './state.ts'

/**
 * A program as it is drawn and shrunk. Whatever is left out of it, it stays a program: what it names, it names
 * by a number that is taken from what is there, so nothing has to fit together.
 */
export interface Draft {
  readonly channels: readonly ChannelKind[]
  /** What is there from the start. */
  readonly made: readonly DraftCommand[]
  readonly turns: readonly (readonly DraftCommand[])[]
  readonly seed: number
}

export interface DraftCase {
  readonly kind: 'receive' | 'send' | 'done' | 'timer' | 'nil'
  readonly of: number
}

export type DraftCommand =
  | {
      readonly does: 'operate'
      readonly cases: readonly DraftCase[]
      readonly way: 'wait' | 'under' | 'default' | 'canceled'
      readonly of: number
    }
  | {
      readonly does: 'context'
      readonly context: MakeContext['context']
      readonly of: number
      readonly ms: number
      readonly hasCause: boolean
    }
  | { readonly does: 'clock'; readonly clock: TimerState['kind']; readonly ms: number }
  | { readonly does: 'reset'; readonly of: number; readonly ms: number }
  | { readonly does: 'end' | 'close'; readonly of: number; readonly why: 'nothing' | 'cause' | 'timeout' }
  | { readonly does: 'cancel' | 'look' | 'follow' | 'func' | 'stopFunc' | 'stop'; readonly of: number }
  | { readonly does: 'busy' | 'pass'; readonly ms: number }

// Usually the same few, so that they meet.
const of = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 1 }) },
  { weight: 2, arbitrary: fc.nat({ max: 11 }) },
)
const capacity = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, Infinity)
const channels = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ capacity, overflow: fc.constant('wait' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        capacity: fc.constantFrom(1, 2),
        overflow: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
      }),
    },
  ),
  { minLength: 1, maxLength: 3 },
)

// Few moments, so that several fall together.
const wait = fc.constantFrom(1, 2.5, 5, 5, 5, 5, 10, 10)
const ms = fc.oneof(
  { weight: 9, arbitrary: wait },
  { weight: 1, arbitrary: fc.constantFrom(0, -5, 0.5, Infinity) },
)

const kindOfCase = fc.constantFrom<DraftCase['kind'][]>(
  ...(['receive', 'receive', 'receive', 'receive', 'send', 'send', 'send', 'send', 'send'] as const),
  ...(['done', 'done', 'done', 'timer', 'timer', 'timer', 'nil'] as const),
)
const cases = fc.oneof(
  { weight: 12, arbitrary: fc.array(fc.record({ kind: kindOfCase, of }), { minLength: 1, maxLength: 1 }) },
  { weight: 12, arbitrary: fc.array(fc.record({ kind: kindOfCase, of }), { minLength: 2, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant([]) },
)
const way = fc.constantFrom<('wait' | 'under' | 'default' | 'canceled')[]>(
  ...(['wait', 'wait', 'wait', 'wait', 'wait', 'wait', 'wait'] as const),
  ...(['under', 'under', 'under', 'under', 'under', 'under', 'under', 'under'] as const),
  ...(['default', 'default', 'default', 'default', 'canceled'] as const),
)
const context = fc.constantFrom<MakeContext['context'][]>(
  ...(['cancel', 'cancel', 'timeout', 'timeout', 'timeout', 'deadline'] as const),
  ...(['value', 'value', 'detached', 'signal', 'signal'] as const),
)

const maker = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('context' as const),
      context,
      of: fc.nat({ max: 11 }),
      ms,
      hasCause: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('clock' as const),
      clock: fc.constantFrom('after' as const, 'timer' as const, 'ticker' as const),
      ms,
    }),
  },
)

const command = fc.oneof(
  { weight: 34, arbitrary: fc.record({ does: fc.constant('operate' as const), cases, way, of }) },
  { weight: 9, arbitrary: maker },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('reset' as const),
      of,
      ms: fc.oneof(wait, fc.constantFrom(0, -5, 0.5, Infinity)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom('end' as const, 'end' as const, 'end' as const, 'close' as const),
      of,
      why: fc.constantFrom('nothing' as const, 'cause' as const, 'timeout' as const),
    }),
  },
  {
    weight: 11,
    arbitrary: fc.record({
      does: fc.constantFrom<('cancel' | 'look' | 'follow' | 'func' | 'stopFunc' | 'stop')[]>(
        ...(['cancel', 'cancel', 'cancel', 'cancel', 'look', 'look', 'look'] as const),
        ...(['follow', 'func', 'stopFunc', 'stop'] as const),
      ),
      of,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      does: fc.constantFrom('busy' as const, 'busy' as const, 'pass' as const),
      ms: fc.constantFrom(1, 5, 5, 5, 10),
    }),
  },
)

export const drafts: fc.Arbitrary<Draft> = fc.noBias(
  fc.record({
    channels,
    made: fc.array(maker, { maxLength: 5, size: 'max' }),
    turns: fc.array(fc.array(command, { minLength: 1, maxLength: 3, size: 'max' }), {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    }),
    seed: fc.nat(),
  }),
)
