import { describe, expect, test } from 'vitest'
import { background, channel, select, sendCase, sleep, timer, withCancel, yieldNow } from 'chansel'
import { inlet, outlet } from 'chansel/device'
import { busyFor, virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** In how many microtasks from now the outcome of `promise` is told. */
async function hopsOf(promise: Promise<unknown>): Promise<number> {
  let isTold = false
  const tell = () => (isTold = true)
  promise.then(tell, tell)
  let hops = 0
  while (!isTold && hops < 20) {
    hops++
    await Promise.resolve()
  }
  return hops
}

const full = (value: number) => {
  const ch = channel<number>(1)
  ch.trySend(value)
  return ch
}
const closed = (error?: unknown) => {
  const ch = channel<number>(1)
  ch.close(error)
  return ch
}
const canceled = () => {
  const ctx = withCancel(background())
  ctx.cancel()
  return ctx
}

/** An operation that waits, and what commits it. */
type Waiting = [name: string, begin: () => { promise: Promise<unknown>; commit(): void }]

const atOnce: [string, () => Promise<unknown>][] = [
  ['receive of a buffered value', () => full(1).receive()],
  [
    'receive from a waiting sender',
    () => {
      const ch = channel<number>()
      void ch.send(1)
      return ch.receive()
    },
  ],
  ['receive from a closed channel', () => closed().receive()],
  ['receive from a failed channel', () => closed('broken').receive()],
  ['receive under a cancel that fired', () => full(1).receive(canceled())],
  ['send into a buffer', () => channel<number>(1).send(1)],
  [
    'send to a waiting receiver',
    () => {
      const ch = channel<number>()
      void ch.receive()
      return ch.send(1)
    },
  ],
  ['send to a closed channel', () => closed().send(1)],
  ['send under a cancel that fired', () => channel<number>(1).send(1, canceled())],
  ['select of a receive', () => select([full(1)])],
  ['select of a send', () => select([sendCase(channel<number>(1), 1)])],
  ['select of a closed channel', () => select({ ch: closed() })],
  ['select of a send to a closed channel', () => select([sendCase(closed(), 1)])],
  ['select under a cancel that fired', () => select([full(1)], canceled())],
  ['next of a buffered value', () => full(1)[Symbol.asyncIterator]().next()],
  ['next of a closed channel', () => closed()[Symbol.asyncIterator]().next()],
  [
    'next after return',
    () => {
      const iterator = full(1)[Symbol.asyncIterator]()
      void iterator.return!()
      return iterator.next()
    },
  ],
  ['return', () => full(1)[Symbol.asyncIterator]().return!()],
  ['done of a cancelled context', () => canceled().done.receive()],
  ['sleep(0)', () => sleep(0)],
  ['receive of a due timer', () => timer(0).receive()],
]

const waiting: Waiting[] = [
  [
    'receive, by a send',
    () => {
      const ch = channel<number>()
      return { promise: ch.receive(), commit: () => ch.trySend(1) }
    },
  ],
  [
    'receive, by close',
    () => {
      const ch = channel<number>()
      return { promise: ch.receive(), commit: () => ch.close() }
    },
  ],
  [
    'receive, by close(error)',
    () => {
      const ch = channel<number>()
      return { promise: ch.receive(), commit: () => ch.close('broken') }
    },
  ],
  [
    'receive, by a cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: channel().receive(ctx), commit: () => ctx.cancel() }
    },
  ],
  [
    'receive, by a foreign signal',
    () => {
      const controller = new AbortController()
      return { promise: channel().receive(controller), commit: () => controller.abort() }
    },
  ],
  [
    'receive through an inlet',
    () => {
      const source = inlet<number>({ capacity: 1, taken() {} })
      return { promise: source.channel.receive(), commit: () => source.offer(1) }
    },
  ],
  [
    'send, by a receive',
    () => {
      const ch = channel<number>()
      return { promise: ch.send(1), commit: () => ch.tryReceive() }
    },
  ],
  [
    'send into a buffer that got room',
    () => {
      const ch = full(1)
      return { promise: ch.send(2), commit: () => ch.tryReceive() }
    },
  ],
  [
    'send, by close',
    () => {
      const ch = channel<number>()
      return { promise: ch.send(1), commit: () => ch.close() }
    },
  ],
  [
    'send, by a cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: channel<number>().send(1, ctx), commit: () => ctx.cancel() }
    },
  ],
  [
    'send through an outlet',
    () => {
      const device = { full: true }
      const target = outlet<number>({ length: () => 0, isFull: () => device.full, write() {}, closed() {} })
      const promise = target.channel.send(1)
      return { promise, commit: () => ((device.full = false), target.ready()) }
    },
  ],
  [
    'select, by a send',
    () => {
      const ch = channel<number>()
      return { promise: select({ ch, other: channel() }), commit: () => ch.trySend(1) }
    },
  ],
  [
    'select, by a receive',
    () => {
      const ch = channel<number>()
      return { promise: select([channel(), sendCase(ch, 1)]), commit: () => ch.tryReceive() }
    },
  ],
  [
    'select, by close',
    () => {
      const ch = channel<number>()
      return { promise: select([ch]), commit: () => ch.close() }
    },
  ],
  [
    'select, by a cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: select([channel()], ctx), commit: () => ctx.cancel() }
    },
  ],
  [
    'next, by a send',
    () => {
      const ch = channel<number>()
      return { promise: ch[Symbol.asyncIterator]().next(), commit: () => ch.trySend(1) }
    },
  ],
  [
    'next, by close',
    () => {
      const ch = channel<number>()
      return { promise: ch[Symbol.asyncIterator]().next(), commit: () => ch.close() }
    },
  ],
  [
    'next, by return',
    () => {
      const iterator = channel<number>()[Symbol.asyncIterator]()
      return { promise: iterator.next(), commit: () => void iterator.return!() }
    },
  ],
  [
    'done, by cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: ctx.done.receive(), commit: () => ctx.cancel() }
    },
  ],
  [
    'done of a grandchild, by cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: withCancel(withCancel(ctx)).done.receive(), commit: () => ctx.cancel() }
    },
  ],
  [
    'a timer, by reset',
    () => {
      const ch = timer(60_000)
      return { promise: ch.receive(), commit: () => ch.reset(0) }
    },
  ],
]

describe('R4 J4 each outcome is told in one microtask', () => {
  test.each(atOnce)('at once: %s', async (_, operate) => {
    await yieldNow()
    expect(await hopsOf(operate())).toBe(1)
  })

  test.each(waiting)('after a wait: %s', async (_, begin) => {
    await settle()
    const { promise, commit } = begin()
    commit()
    expect(await hopsOf(promise)).toBe(1)
  })

  test.each(waiting)('after a wait of turns: %s', async (_, begin) => {
    const { promise, commit } = begin()
    await settle()
    commit()
    expect(await hopsOf(promise)).toBe(1)
  })

  test('by the clock: sleep and done of a deadline', async () => {
    const clock = virtualClock()
    const slept = sleep(10)
    clock.advance(10)
    expect(await hopsOf(slept)).toBe(1)
  })

  test('J4 R2 what is handed out are plain promises of the platform', () => {
    const ch = channel<number>(1)
    for (const promise of [
      ch.send(1),
      ch.receive(),
      select([sendCase(ch, 1)]),
      sleep(0),
      ch[Symbol.asyncIterator]().next(),
    ]) {
      expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype)
    }
  })
})

/** Notes in which order outcomes are told. */
function journal() {
  const log: string[] = []
  const note = (name: string, promise: Promise<unknown>) => {
    const tell = () => log.push(name)
    void promise.then(tell, tell)
  }
  return { log, note }
}

describe('R4 continuations run in the order of the commits', () => {
  test('over all kinds of operations, at once and after a wait', async () => {
    const clock = virtualClock()
    const { log, note } = journal()
    const parked = waiting.map(([name, begin]) => ({ name, ...begin() }))
    const slept = sleep(10)
    await settle()
    // Told in the order of registration below only if the commits alone decide.
    for (const { name, promise } of [...parked].reverse()) note(name, promise)
    note('sleep', slept)
    const expected: string[] = []
    const immediate = [...atOnce]
    for (const { name, commit } of parked) {
      commit()
      expected.push(name)
      const [nextName, operate] = immediate.shift() ?? ['sleep(0) again', () => sleep(0)]
      note(nextName, operate())
      expected.push(nextName)
    }
    clock.advance(10)
    expected.push('sleep')
    await settle()
    expect(log).toEqual(expected)
  })

  test('beside the microtasks of the platform', async () => {
    const { log, note } = journal()
    const ch = channel<number>()
    const received = ch.receive()
    note('received', received)
    note('before', Promise.resolve())
    const sent = ch.send(1)
    note('sent', sent)
    note('after', Promise.resolve())
    note('select', select([sendCase(channel<number>(1), 1)]))
    note('last', Promise.resolve())
    await settle()
    expect(log).toEqual(['before', 'received', 'sent', 'after', 'select', 'last'])
  })

  test('of tasks that await', async () => {
    const log: string[] = []
    const ch = channel<number>()
    const ctx = withCancel(background())
    const tasks = [
      (async () => {
        const iterator = ch[Symbol.asyncIterator]()
        log.push(`next ${(await iterator.next()).value}`)
      })(),
      (async () => log.push(`receive ${(await ch.receive()).value}`))(),
      (async () => log.push(`select ${(await select([ch])).value}`))(),
      (async () => {
        await ctx.done.receive()
        log.push('done')
      })(),
      (async () => {
        await channel<number>()
          .send(1, ctx)
          .catch(() => log.push('canceled'))
      })(),
    ]
    ch.trySend(1)
    ctx.cancel()
    ch.trySend(2)
    ch.trySend(3)
    await Promise.all(tasks)
    expect(log).toEqual(['next 1', 'done', 'canceled', 'receive 2', 'select 3'])
  })
})

describe('J3 starvation', () => {
  test('timers fire during an endless ping-pong', async () => {
    const ping = channel<number>()
    const pong = channel<number>()
    const timer = { fired: false }
    setTimeout(() => (timer.fired = true), 5)
    const echo = (async () => {
      for await (const value of ping) await pong.send(value)
      pong.close()
    })()
    let rounds = 0
    while (!timer.fired && rounds < 3_000_000) {
      await ping.send(rounds++)
      await pong.receive()
    }
    ping.close()
    await echo
    expect(timer.fired).toBe(true)
  })

  test.each([
    [
      'buffered sends and receives',
      async (ch: Loop) => {
        await ch.buffer.send(1)
        await ch.buffer.receive()
      },
    ],
    ['selects', async (ch: Loop) => void (await select([sendCase(ch.buffer, 1), ch.buffer]))],
    ['receives from a closed channel', async (ch: Loop) => void (await ch.closed.receive())],
    ['sends that fail', async (ch: Loop) => ch.closed.send(1).catch(() => {})],
    ['cancelled receives', async (ch: Loop) => void (await ch.buffer.receive(ch.canceled).catch(() => {}))],
    ['next on a closed channel', async (ch: Loop) => void (await ch.closed[Symbol.asyncIterator]().next())],
    ['sleep(0)', async () => sleep(0)],
  ])('timers fire during an endless loop of %s', async (_, round) => {
    const loop = { buffer: channel<number>(1), closed: closed(), canceled: canceled() }
    const timer = { fired: false }
    setTimeout(() => (timer.fired = true), 5)
    let rounds = 0
    while (!timer.fired && rounds++ < 1_000_000) await round(loop)
    expect(timer.fired).toBe(true)
  })

  interface Loop {
    buffer: ReturnType<typeof channel<number>>
    closed: ReturnType<typeof channel<number>>
    canceled: ReturnType<typeof withCancel>
  }

  test('the order holds across the edge of the budget', async () => {
    const { log, note } = journal()
    const expected: string[] = []
    const operations = [...waiting, ...waiting, ...waiting].map(([name, begin]) => ({ name, ...begin() }))
    await settle()
    let turns = 0
    setImmediate(() => turns++)
    for (const [round, { name: committed, promise, commit }] of operations.entries()) {
      // Long enough for the time slice to be over while operations go on committing in one turn.
      busyFor(0.2)
      for (const [name, operate] of atOnce) {
        note(`${name} ${round}`, operate())
        expected.push(`${name} ${round}`)
      }
      note(`${committed} ${round}`, promise)
      commit()
      expected.push(`${committed} ${round}`)
    }
    expect(turns).toBe(0)
    await settle()
    await settle()
    expect(turns).toBe(1)
    expect(log).toEqual(expected)
  })

  test('the order holds across the edge of the budget also between tasks', async () => {
    const ch = channel<number>(Infinity)
    const log: number[] = []
    const turns = { count: 0, over: false }
    const countTurns = () => {
      turns.count++
      return turns.over || setImmediate(countTurns)
    }
    setImmediate(countTurns)
    const consumer = (async () => {
      for await (const value of ch) log.push(value)
    })()
    for (let i = 0; i < 60_000; i++) await ch.send(i)
    ch.close()
    await consumer
    turns.over = true
    expect(log).toEqual(Array.from({ length: 60_000 }, (_, i) => i))
    expect(turns.count).toBeGreaterThan(1)
    await settle()
  })

  test('it costs no turn of the event loop for each operation', async () => {
    const turns = { count: 0, over: false }
    const countTurns = () => {
      turns.count++
      return turns.over || setImmediate(countTurns)
    }
    setImmediate(countTurns)
    const ch = channel<number>()
    const echo = (async () => {
      for await (const _ of ch);
    })()
    for (let i = 0; i < 50_000; i++) await ch.send(i)
    ch.close()
    await echo
    turns.over = true
    await settle()
    expect(turns.count).toBeLessThan(10_000)
  })

  test('what waits for its turn is told though the program only waits for it', async () => {
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
      busyFor(1.2)
      for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
      expect(await full(round).receive()).toEqual({ value: round, ok: true })
      expect(await select([full(round)])).toEqual({ case: 0, value: round, ok: true })
    }
  })
})
