// Random programs over a lock, in lock-step with a model that says who must hold it. A model is a list of who waits and
// who holds, and one rule that says who may enter; it knows nothing of the queues of the library.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { background, isCanceled, withCancel } from 'chansel'
import { type Guard, Mutex, RWMutex, Semaphore } from 'chansel/sync'
import { settle } from '../support/pending.ts'

type Kind = 'read' | 'write' | number

interface Claim {
  readonly id: number
  readonly kind: Kind
  /** Under the context that all of these share, which is cancelled at most once. */
  readonly isShared: boolean
  /** Its cancel is under way. One is told after the other, and each may let others enter before the next is told. */
  isLeaving: boolean
}

/** Claims that wait, longest first, and those that hold. */
interface State {
  waiting: Claim[]
  holding: Claim[]
}

/** What runs in lock-step. */
interface Lock {
  readonly kinds: readonly Kind[]
  make(): {
    claim(kind: Kind, cancel: ReturnType<typeof withCancel>): Promise<Guard>
    tryClaim(kind: Kind): Guard | undefined
  }
  /** Those of the waiting claims that enter now. `left`: what has just happened. */
  entering(state: State, left: 'writer' | 'other'): Claim[]
  /** Claims, and then a cancel of those that are shared: whoever one of them kept out enters before the last is told. */
  readonly turns: readonly { readonly kind: Kind; readonly isShared: boolean }[]
}

const weightOf = (claims: readonly Claim[]) => claims.reduce((sum, { kind }) => sum + (kind as number), 0)
const hasKind = (claims: readonly Claim[], kind: Kind) => claims.some((claim) => claim.kind === kind)

const SIZE = 4
const locks: { readonly [name: string]: Lock } = {
  Mutex: {
    kinds: ['write'],
    make: () => {
      const mu = new Mutex()
      return { claim: (_, cancel) => mu.lock(cancel), tryClaim: () => mu.tryLock() }
    },
    entering: ({ waiting, holding }) => (holding.length === 0 ? waiting.slice(0, 1) : []),
    turns: [
      { kind: 'write', isShared: false },
      { kind: 'write', isShared: true },
      { kind: 'write', isShared: false },
    ],
  },
  Semaphore: {
    kinds: [0, 1, 2, 3, 4],
    make: () => {
      const sem = new Semaphore(SIZE)
      return {
        claim: (kind, cancel) => sem.acquire(kind as number, cancel),
        tryClaim: (kind) => sem.tryAcquire(kind as number),
      }
    },
    entering: ({ waiting, holding }) => {
      let free = SIZE - weightOf(holding)
      const last = waiting.findIndex(({ kind, isLeaving }) => isLeaving || (free -= kind as number) < 0)
      return last < 0 ? waiting : waiting.slice(0, last)
    },
    turns: [
      { kind: 1, isShared: false },
      { kind: 4, isShared: true },
      { kind: 1, isShared: false },
      { kind: 1, isShared: true },
    ],
  },
  RWMutex: {
    kinds: ['read', 'write'],
    make: () => {
      const mu = new RWMutex()
      return {
        claim: (kind, cancel) => (kind === 'read' ? mu.rlock(cancel) : mu.lock(cancel)),
        tryClaim: (kind) => (kind === 'read' ? mu.tryRLock() : mu.tryLock()),
      }
    },
    entering: ({ waiting, holding }, left) => {
      if (hasKind(holding, 'write')) return []
      const readers = waiting.filter(({ kind, isLeaving }) => kind === 'read' && !isLeaving)
      // Readers have their turn after a writer; otherwise they enter only if no writer waits.
      if (readers.length > 0 && (left === 'writer' || !hasKind(waiting, 'write'))) return readers
      return holding.length === 0 ? waiting.filter(({ kind }) => kind === 'write').slice(0, 1) : []
    },
    turns: [
      { kind: 'read', isShared: false },
      { kind: 'write', isShared: true },
      { kind: 'read', isShared: true },
      { kind: 'read', isShared: false },
    ],
  },
}

type Command =
  | { readonly do: 'claim' | 'try'; readonly kind: Kind; readonly isShared: boolean }
  | { readonly do: 'release' | 'cancel'; readonly which: number }
  | { readonly do: 'cancel all' | 'settle' }

function commandsFor(lock: Lock): fc.Arbitrary<Command[]> {
  const kind = fc.constantFrom(...lock.kinds)
  const which = fc.nat({ max: 20 })
  return fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('claim' as const), kind, isShared: fc.boolean() }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('try' as const), kind, isShared: fc.constant(false) }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('release' as const), which }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
      { weight: 1, arbitrary: fc.constant({ do: 'cancel all' as const }) },
      { weight: 3, arbitrary: fc.constant({ do: 'settle' as const }) },
    ),
    { maxLength: 40 },
  )
}

/** Runs the commands on both, and compares who was told what in which order. */
async function lockstep(lock: Lock, commands: readonly Command[]): Promise<void> {
  const real = lock.make()
  const state: State = { waiting: [], holding: [] }
  const expected: string[] = []
  const told: string[] = []
  const guards = new Map<number, Guard>()
  const contexts = new Map<number, ReturnType<typeof withCancel>>()
  const shared = withCancel(background())
  let isSharedOver = false
  let ids = 0

  const admit = (left: 'writer' | 'other') => {
    for (const claim of lock.entering(state, left)) {
      state.waiting = state.waiting.filter((other) => other !== claim)
      state.holding.push(claim)
      expected.push(`${claim.id} holds`)
    }
  }
  const leave = (claims: readonly Claim[]) => {
    for (const claim of claims) claim.isLeaving = true
    for (const claim of claims) {
      state.waiting = state.waiting.filter((other) => other !== claim)
      expected.push(`${claim.id} cancelled`)
      admit('other')
    }
  }

  const perform = async (command: Command) => {
    switch (command.do) {
      case 'claim': {
        const id = ids++
        const ctx = command.isShared ? shared : withCancel(background())
        contexts.set(id, ctx)
        real.claim(command.kind, ctx).then(
          (guard) => {
            guards.set(id, guard)
            told.push(`${id} holds`)
          },
          (error: unknown) => told.push(`${id} ${isCanceled(error) ? 'cancelled' : String(error)}`),
        )
        const claim = { id, kind: command.kind, isShared: command.isShared, isLeaving: false }
        if (claim.isShared && isSharedOver) expected.push(`${id} cancelled`)
        else state.waiting.push(claim)
        return admit('other')
      }
      case 'try': {
        const id = ids++
        const claim = { id, kind: command.kind, isShared: false, isLeaving: false }
        const enters = lock
          .entering({ ...state, waiting: [...state.waiting, claim] }, 'other')
          .includes(claim)
        const guard = real.tryClaim(command.kind)
        expect(guard !== undefined, `try of ${command.kind}`).toBe(enters)
        if (guard === undefined) return
        guards.set(id, guard)
        return void state.holding.push(claim)
      }
      case 'release': {
        // Of those whose guards arrived.
        const held = state.holding.filter(({ id }) => guards.has(id))
        if (held.length === 0) return
        const claim = held[command.which % held.length]!
        state.holding = state.holding.filter((other) => other !== claim)
        guards.get(claim.id)!.release()
        return admit(claim.kind === 'write' ? 'writer' : 'other')
      }
      case 'cancel': {
        const own = [...state.waiting, ...state.holding].filter(
          ({ id, isShared }) => !isShared && contexts.has(id),
        )
        if (own.length === 0) return
        const claim = own[command.which % own.length]!
        contexts.get(claim.id)!.cancel()
        return leave(state.waiting.filter((other) => other === claim))
      }
      case 'cancel all':
        isSharedOver = true
        shared.cancel()
        return leave(state.waiting.filter(({ isShared }) => isShared))
      case 'settle':
        await settle()
        expect(told).toEqual(expected)
    }
  }

  for (const command of commands) await perform(command)
  await settle()
  expect(told).toEqual(expected)
  // Everything comes back: when all have released, whoever waited has had its turn.
  for (let i = 0; state.holding.length > 0; i++) {
    expect(i).toBeLessThan(1_000)
    await perform({ do: 'release', which: 0 })
    await perform({ do: 'settle' })
  }
  expect(state.waiting).toEqual([])
}

test.each(Object.entries(locks))(
  'M1 M5 M13 M15 M17 M26 R3 R4 a random program over a %s does what the model says, in its order',
  async (_, lock) => {
    const turns = [
      ...lock.turns.map((claim) => ({ do: 'claim', ...claim }) as const),
      { do: 'cancel all' } as const,
    ]
    await fc.assert(
      fc.asyncProperty(commandsFor(lock), (commands) => lockstep(lock, commands)),
      { numRuns: 400, examples: [[turns]] },
    )
  },
  30_000,
)
