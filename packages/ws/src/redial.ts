import {
  type Cancel,
  type CancelContext,
  type Channel,
  type Context,
  type ReceiveChannel,
  type SendChannel,
  after,
  afterFunc,
  background,
  channel,
  receiveOnly,
  select,
  timer,
  withCancel,
  withoutCancel,
} from 'chansel'
import { type Inlet, type Outlet, inlet, outlet } from 'chansel/device'
import { checkClose } from './close.ts'
import { type Connection, type Message, isContext } from './connection.ts'
import { type DialOptions, Dialer } from './dial.ts'
import { CloseError, type CloseInfo, DialError, describe } from './errors.ts'
import { isOffline, onWake } from './network.ts'
import { checkCancel, checkFunction, readNumber, readWhole } from './options.ts'
import { checkMessage } from './outgoing.ts'

/** What a connection that is made again may be told. Each limit says how to switch it off. */
export interface RedialOptions extends DialOptions {
  /**
   * Before the n-th attempt in a row after the first it waits a random time, in ms, from 0 to
   * `minMs * factor ** (n - 1)`, at most `maxMs`: 250, 30,000 and 2. A `maxMs` of 0 does not wait.
   */
  backoff?: { minMs?: number; maxMs?: number; factor?: number }
  /** How long, in ms, a connection has to last for the waiting to begin anew from `minMs`: 5,000; 0: it has to open. */
  stableMs?: number
  /** How many messages wait for the network at most; then `send` waits: 1,024; `Infinity` never. */
  outboxCapacity?: number
  /**
   * Whether to give up after this error, a `DialError` or the `CloseError` of a connection; besides those after
   * which it always does. One that throws gives up, with what it threw.
   */
  giveUp?: (error: unknown) => boolean
  /** Where the random part of a delay comes from, at least 0 and less than 1: `Math.random`. */
  random?: () => number
}

/** A connection that is made again whenever it is lost. */
export interface RedialConnection extends AsyncDisposable {
  /**
   * The read channel: the messages of all its connections, one after the other. While nobody receives, the
   * peer of the moment is stopped, as by a `Connection`.
   *
   * Closing: it closes after the last message once `close` was called; it fails with the reason for giving up.
   */
  readonly incoming: ReceiveChannel<Message>
  /**
   * The write channel. A send resolves when the outbox holds the message; its `length` is that of the outbox.
   *
   * Closing: `close()` says "nothing more to say": it ends once the outbox was sent, over a new connection if need
   * be; `close(error)` closes at once with 1011. From then on sends fail with a `CloseError` that carries the message.
   */
  readonly outgoing: SendChannel<Message>
  /** Cancelled when it has ended for good, with the reason as cause. Has the values of `parent`. */
  readonly ctx: Context
  /** Resolves when it has ended for good; never rejects. `unsent` counts the outbox, too. */
  readonly closed: Promise<CloseInfo>
  readonly url: string
  /**
   * What it is doing: the newest state, for whoever asks; nobody has to. Ends after `'closed'`.
   */
  readonly state: ReceiveChannel<RedialState>
  /**
   * Ends it for good, whatever it is doing. An open connection first sends what is in the outbox, for at most
   * `closeTimeoutMs`.
   *
   * @param code 1000 unless told otherwise
   * @param reason at most 123 bytes
   * @throws TypeError, RangeError at once for a code or reason that no close frame may carry
   */
  close(code?: number, reason?: string): Promise<CloseInfo>
}

export interface RedialState {
  readonly status: 'connecting' | 'open' | 'waiting' | 'closed'
  /** Which attempt in a row: 1 for the first, and for the first after a connection that lasted. */
  readonly attempt: number
  /** While `'waiting'`: how long, in ms. Without it, it waits for the network to come back. */
  readonly delayMs?: number
  /** Why it is `'waiting'` or `'closed'`: of the last attempt a `DialError`, of a connection its `CloseError`. */
  readonly error?: unknown
}

/**
 * Opens a connection to a WebSocket server, and opens it again whenever it is lost: after a random delay that
 * grows from attempt to attempt, so that the clients of a server that comes back do not come all at once.
 *
 * Messages sent while there is no connection wait in order. Those that are known not to have left are sent again,
 * before others. What was under way when a connection was cut may be lost; and where the system took a part of
 * several messages before the cut, they may arrive twice. Number your messages where that matters.
 *
 * It gives up when the server answers 4xx; after the close codes 1002, 1003, 1007, 1008 and 1010; after an error
 * that trying again cannot mend; and when `giveUp` says so.
 *
 * In a page it does not try while the browser is offline, and tries at once when the network is back or a
 * frozen page goes on.
 *
 * Cancellation: when `cancel` fires it ends for good, with 1001, and `incoming` fails with the reason of its signal.
 * `parent` ends it with 1001, and `incoming` closes.
 *
 * @throws TypeError, RangeError at once for a URL or an option that cannot be used
 * @example
 * import { redial } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => {
 *   const { value } = await conn.incoming.receive()
 *   await conn.outgoing.send(`${value} to you`) // and the handler returns, which closes
 * })
 * await using conn = redial(`ws://127.0.0.1:${listener.address.port}`, { backoff: { maxMs: 10 } })
 * await conn.outgoing.send('hello')
 * await conn.incoming.receive() // => { value: 'hello to you', ok: true }
 * await conn.outgoing.send('hello again')
 * await conn.incoming.receive() // => { value: 'hello again to you', ok: true }
 */
export function redial(url: string | URL, options: RedialOptions = {}, cancel?: Cancel): RedialConnection {
  // The parent ends the redial, which ends its connection.
  const { parent: _, ...dialOptions } = options
  return new Redial(new Dialer(url, dialOptions), options, cancel)
}

/**
 * One task that dials, uses the connection, and waits; and while there is a connection one for each direction.
 *
 * Invariants:
 * 1. A message that was accepted is in `#outbox`, or with the connection of the moment and its task. What a
 *    connection did not pass on comes back to the head of `#outbox` at its end.
 * 2. `#closing` from the first `close`, cancel or give-up on; from then on sends fail and nothing is dialled.
 * 3. `#conn` is the connection of the moment, from when it opens until all that it had was taken over.
 */
class Redial implements RedialConnection {
  readonly url: string
  readonly closed: Promise<CloseInfo>
  readonly state: ReceiveChannel<RedialState>
  readonly #dialer: Dialer
  readonly #settings: RedialSettings
  readonly #cancel: Cancel | undefined
  readonly #ctx: CancelContext
  /** Cancelled when no more connections are wanted. */
  readonly #seeking: CancelContext
  readonly #states: Channel<RedialState> = channel(1, { name: 'state', overflow: 'drop-oldest' })
  readonly #inlet: Inlet<Message>
  readonly #outlet: Outlet<Message>
  /** Rung when somebody took from the inlet, and when there is something for the outbox's task to do. */
  readonly #taken: Channel<void> = bell()
  readonly #written: Channel<void> = bell()
  #outbox: Channel<Message> = channel(Infinity)
  #conn: Connection | undefined
  #closing: Closing | undefined
  /** It ends when the outbox is empty. */
  #isFinishing = false
  #attempt = 0

  constructor(dialer: Dialer, options: RedialOptions, cancel: Cancel | undefined) {
    const { parent } = options
    this.url = dialer.url
    this.state = receiveOnly(this.#states)
    this.#dialer = dialer
    this.#settings = readRedialOptions(options)
    this.#cancel = cancel
    this.#seeking = withCancel(cancel ?? background())
    const stopFollowing = [
      cancel && afterFunc(cancel, () => this.#cancelled()),
      parent && afterFunc(parent, () => this.#beginClose({ code: 1001, reason: '' })),
    ]
    this.#ctx = withCancel(isContext(parent) ? withoutCancel(parent) : background())
    this.#inlet = inlet({
      name: 'incoming',
      capacity: options.incomingCapacity ?? 64,
      taken: () => void this.#taken.trySend(),
      behind: () => this.#behind,
    })
    const { outboxCapacity } = this.#settings
    this.#outlet = outlet<Message>({
      name: 'outgoing',
      capacity: outboxCapacity,
      length: () => this.#outbox.length,
      isFull: () => this.#outbox.length >= outboxCapacity,
      check: checkMessage,
      write: (message) => {
        this.#outbox.trySend(message)
        this.#written.trySend()
      },
      closed: (error) => this.#outgoingClosed(error),
    })
    this.closed = this.#run().finally(() => stopFollowing.forEach((stop) => stop?.()))
  }

  get ctx(): Context {
    return this.#ctx
  }

  get incoming(): ReceiveChannel<Message> {
    return this.#inlet.channel
  }

  get outgoing(): SendChannel<Message> {
    return this.#outlet.channel
  }

  close(code = 1000, reason = ''): Promise<CloseInfo> {
    checkClose(code, reason)
    this.#beginClose({ code, reason })
    return this.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<CloseInfo> {
    try {
      if (isOffline()) await this.#wait(undefined)
      while (this.#closing === undefined && this.#seeking.err === undefined) {
        const error = await this.#use()
        if (this.#isFinishing && this.#outbox.length === 0) this.#beginClose({ code: 1000, reason: '' })
        if (this.#closing === undefined && this.#seeking.err === undefined) {
          if (this.#givesUpAfter(error)) this.#beginClose({ code: 1000, reason: '', error })
          else await this.#wait(error)
        }
      }
      if (this.#closing === undefined) this.#cancelled()
    } catch (error) {
      // `giveUp` or `random` threw.
      this.#beginClose({ code: 1000, reason: '', error })
    }
    return this.#end(this.#closing!)
  }

  /** Dials once, and uses the connection until its end. Gives the error of the dial or of that end. */
  async #use(): Promise<unknown> {
    this.#attempt++
    this.#tell('connecting', {})
    let conn: Connection
    try {
      conn = await this.#dialer.dial(this.#seeking)
    } catch (error) {
      return error
    }
    using lasted = timer(this.#settings.stableMs)
    this.#conn = conn
    this.#tell('open', {})
    if (this.#closing !== undefined) void this.#leave(conn, this.#closing)
    await Promise.all([this.#receiveFrom(conn), this.#sendTo(conn)])
    if (this.#closing !== undefined) this.#closing.info = await conn.closed
    this.#conn = undefined
    if (lasted.tryReceive() !== undefined) this.#attempt = 0
    return conn.ctx.cause
  }

  /** Hands on what the connection reads, one message ahead of whoever receives; at its end all that it had. */
  async #receiveFrom(conn: Connection): Promise<void> {
    try {
      for await (const message of conn.incoming) {
        let isTaken = this.#inlet.offer(message)
        while (!isTaken && conn.ctx.err === undefined) {
          await select({ taken: this.#taken, ended: conn.ctx.done })
          isTaken = this.incoming.length === this.#behind
        }
      }
    } catch {
      // How it ended is what `conn.ctx` says.
    }
  }

  /** What the connection of the moment has read and not handed on. */
  get #behind(): number {
    return this.#conn?.incoming.length ?? 0
  }

  /** Sends the outbox over the connection; at its end, what it did not pass on comes back. */
  async #sendTo(conn: Connection): Promise<void> {
    const passed: Message[] = []
    let next: Message | undefined
    try {
      while (conn.ctx.err === undefined) {
        next = this.#outbox.tryReceive()?.value
        if (next === undefined) {
          if (this.#isFinishing) this.#beginClose({ code: 1000, reason: '' })
          if (this.#closing !== undefined) void conn.close(this.#closing.code, this.#closing.reason)
          await select({ written: this.#written, ended: conn.ctx.done })
          continue
        }
        this.#outlet.ready()
        if (!conn.outgoing.trySend(next)) await conn.outgoing.send(next)
        passed.push(next)
        next = undefined
        // The kernel has the others. Seldom, for it is not free.
        const { length } = conn.outgoing
        if (passed.length > 2 * length + KEPT) passed.splice(0, passed.length - length)
      }
    } catch {
      // It is closing, or has ended, and `next` was not sent.
    }
    const { unsent } = await conn.closed
    const back = passed.slice(Math.max(0, passed.length - unsent))
    if (next !== undefined) back.push(next)
    const outbox = channel<Message>(Infinity)
    for (const message of back) outbox.trySend(message)
    for (let later = this.#outbox.tryReceive(); later; later = this.#outbox.tryReceive()) {
      outbox.trySend(later.value!)
    }
    this.#outbox = outbox
  }

  /** Waits for the next attempt: for some time, or, where there is no network, for that. */
  async #wait(error: unknown): Promise<void> {
    const { minMs, maxMs, factor, random } = this.#settings
    const growth = Math.min(factor ** Math.max(0, this.#attempt - 1), Number.MAX_VALUE)
    const delayMs = random() * Math.min(maxMs, minMs * growth)
    const woken = bell()
    const stop = onWake(() => void woken.trySend())
    try {
      for (;;) {
        const isAway = isOffline()
        // An attempt without a network says nothing about the server.
        if (isAway) this.#attempt = 0
        this.#tell('waiting', isAway ? { error } : { delayMs, error })
        const due = isAway ? undefined : after(delayMs)
        const event = await select({ due, woken, ended: this.#seeking.done })
        if (event.case === 'ended' || !isOffline()) return
      }
    } finally {
      stop()
    }
  }

  #givesUpAfter(error: unknown): boolean {
    if (error instanceof DialError) {
      if (error.status !== undefined && error.status >= 400 && error.status < 500) return true
    } else if (!(error instanceof CloseError) || FINAL_CODES.has(error.closeCode)) return true
    return this.#settings.giveUp?.(error) === true
  }

  #outgoingClosed(error: unknown): void {
    if (error !== undefined) return this.#beginClose({ code: 1011, reason: '' })
    this.#isFinishing = true
    this.#refuseSends({ code: 1000, reason: '' })
    if (this.#conn === undefined && this.#outbox.length === 0) this.#beginClose({ code: 1000, reason: '' })
    else this.#written.trySend()
  }

  #cancelled(): void {
    this.#beginClose({ code: 1001, reason: '', error: this.#cancel!.signal.reason as unknown })
  }

  #beginClose(closing: Closing): void {
    if (this.#closing !== undefined) return
    this.#closing = closing
    this.#seeking.cancel()
    this.#refuseSends(closing)
    if (this.#conn !== undefined) void this.#leave(this.#conn, closing)
  }

  /** Lets the outbox empty first, for a while. */
  async #leave(conn: Connection, { code, reason }: Closing): Promise<void> {
    this.#written.trySend()
    const late = after(this.#settings.closeTimeoutMs)
    await select({ late, ended: conn.ctx.done })
    await conn.close(code, reason)
  }

  #refuseSends(closing: Closing): void {
    this.#outlet.fail((value) => new CloseError(endOf(closing), { value, cause: closing.error }))
  }

  #end(closing: Closing): CloseInfo {
    const info = { ...endOf(closing), unsent: this.#outbox.length }
    this.#tell('closed', closing.error === undefined ? {} : { error: closing.error })
    this.#states.close()
    this.#inlet.close(closing.error)
    this.#ctx.cancel(closing.error ?? new CloseError(info))
    return info
  }

  #tell(status: RedialState['status'], details: Pick<RedialState, 'delayMs' | 'error'>): void {
    this.#states.trySend({ status, attempt: this.#attempt, ...details })
  }
}

/** Why and how it ends. */
interface Closing {
  readonly code: number
  readonly reason: string
  /** What `incoming` fails with. */
  readonly error?: unknown
  /** How the connection that was open then ended. */
  info?: CloseInfo
}

function endOf({ code, reason, error, info }: Closing): Omit<CloseInfo, 'unsent'> {
  if (info !== undefined) return info
  if (error instanceof CloseError) {
    return { code: error.closeCode, reason: error.reason, wasClean: error.wasClean, by: error.by }
  }
  if (error instanceof DialError) return { code: 1006, reason: '', wasClean: false, by: 'network' }
  return { code, reason, wasClean: false, by: 'local' }
}

/** Holds one ring until somebody hears it. */
function bell(): Channel<void> {
  return channel(1, { overflow: 'drop-newest' })
}

/** With these the server says that another connection would end the same way. Source: RFC 6455, section 7.4.1. */
const FINAL_CODES: ReadonlySet<number> = /* @__PURE__ */ new Set([1002, 1003, 1007, 1008, 1010])

/** How many messages more than needed are kept before they are looked through. */
const KEPT = 64

interface RedialSettings extends Required<NonNullable<RedialOptions['backoff']>> {
  readonly stableMs: number
  readonly outboxCapacity: number
  readonly closeTimeoutMs: number
  readonly giveUp: ((error: unknown) => boolean) | undefined
  readonly random: () => number
}

/** @throws TypeError, RangeError for an option that cannot be used */
function readRedialOptions(options: RedialOptions): RedialSettings {
  const { backoff = {}, giveUp, random = Math.random } = options
  if (typeof backoff !== 'object' || backoff === null)
    throw new TypeError(
      `Cannot use option backoff: expected { minMs, maxMs, factor }, got ${describe(backoff)}`,
    )
  if (options.parent !== undefined) checkCancel('parent', options.parent)
  checkFunction(options, 'giveUp')
  checkFunction(options, 'random')
  return {
    minMs: readNumber('backoff.minMs', backoff.minMs, 250, 0),
    maxMs: readNumber('backoff.maxMs', backoff.maxMs, 30_000, 0),
    factor: readNumber('backoff.factor', backoff.factor, 2, 1),
    stableMs: readNumber('stableMs', options.stableMs, 5_000, 0),
    outboxCapacity: readWhole('outboxCapacity', options.outboxCapacity, 1_024),
    closeTimeoutMs: readNumber('closeTimeoutMs', options.closeTimeoutMs, 5_000, 0),
    giveUp,
    random,
  }
}
