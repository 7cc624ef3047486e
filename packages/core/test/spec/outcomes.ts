// Every way in which an operation can end, for the tests of when and in which order its caller is told.

import { background, channel, select, sendCase, sleep, timer, withCancel } from 'chansel'
import { selector } from 'chansel/selector'
import { inlet, outlet } from 'chansel/device'
import { Cond, Mutex, RWMutex, Semaphore, WaitGroup } from 'chansel/sync'

export const full = (value: number) => {
  const ch = channel<number>(1)
  ch.trySend(value)
  return ch
}
export const closed = (error?: unknown) => {
  const ch = channel<number>(1)
  ch.close(error)
  return ch
}
export const canceled = () => {
  const ctx = withCancel(background())
  ctx.cancel()
  return ctx
}

/** An operation that waits, and what commits it. */
type Waiting = [name: string, begin: () => { promise: Promise<unknown>; commit(): void }]

/** Operations that are over when their call returns. */
export const atOnce: [string, () => Promise<unknown>][] = [
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
  ['round of a receive', () => selector([full(1)]).select()],
  ['round of a send to a closed channel', () => selector([sendCase(closed(), 1)]).select()],
  ['round under a cancel that fired', () => selector([full(1)]).select(canceled())],
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
  ['lock of a free mutex', () => new Mutex().lock()],
  ['lock under a cancel that fired', () => new Mutex().lock(canceled())],
  ['rlock of a free RWMutex', () => new RWMutex().rlock()],
  ['acquire of free permits', () => new Semaphore(1).acquire()],
  ['wait of a wait group at 0', () => new WaitGroup().wait()],
  ['wait for a condition without the mutex', () => new Cond(new Mutex()).wait()],
  ['receive of a due timer', () => timer(0).receive()],
]

export const waiting: Waiting[] = [
  [
    'lock, by a release',
    () => {
      const mu = new Mutex()
      const held = mu.tryLock()!
      return { promise: mu.lock(), commit: () => held.release() }
    },
  ],
  [
    'rlock, by the writer’s release',
    () => {
      const mu = new RWMutex()
      const held = mu.tryLock()!
      return { promise: mu.rlock(), commit: () => held.release() }
    },
  ],
  [
    'acquire, by a cancel in front of it',
    () => {
      const sem = new Semaphore(2)
      sem.tryAcquire()
      const ctx = withCancel(background())
      void sem.acquire(2, ctx).catch(() => {})
      return { promise: sem.acquire(1), commit: () => ctx.cancel() }
    },
  ],
  [
    'wait of a wait group, by done',
    () => {
      const wg = new WaitGroup()
      wg.add()
      return { promise: wg.wait(), commit: () => wg.done() }
    },
  ],
  [
    'wait for a condition, by a signal',
    () => {
      const mu = new Mutex()
      const cond = new Cond(mu)
      mu.tryLock()
      return { promise: cond.wait(), commit: () => cond.signal() }
    },
  ],
  [
    'wait for a condition, by a cancel',
    () => {
      const mu = new Mutex()
      const ctx = withCancel(background())
      mu.tryLock()
      return { promise: new Cond(mu).wait(ctx), commit: () => ctx.cancel() }
    },
  ],
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
    'round, by a send',
    () => {
      const ch = channel<number>()
      return { promise: selector({ ch, other: channel() }).select(), commit: () => ch.trySend(1) }
    },
  ],
  [
    'round, by close',
    () => {
      const ch = channel<number>()
      return { promise: selector([channel(), sendCase(ch, 1)]).select(), commit: () => ch.close() }
    },
  ],
  [
    'round, by a cancel',
    () => {
      const ctx = withCancel(background())
      return { promise: selector([channel()]).select(ctx), commit: () => ctx.cancel() }
    },
  ],
  [
    'round, by disposal',
    () => {
      const events = selector([channel()])
      return { promise: events.select(), commit: () => events[Symbol.dispose]() }
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

/** Notes in which order callers are told. */
export function journal(): { log: string[]; note(name: string, promise: Promise<unknown>): void } {
  const log: string[] = []
  const note = (name: string, promise: Promise<unknown>) => {
    const tell = () => log.push(name)
    void promise.then(tell, tell)
  }
  return { log, note }
}
