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
  sleep,
  timer,
  withCancel,
} from 'chansel'
import { type Inlet, inlet } from 'chansel/device'
import { inspectable } from '#diagnostics'
import { bell } from './bell.ts'
import { checkClose } from './close.ts'
import { type Connection, type Message, TransportConnection, lifeUnder } from './connection.ts'
import { CloseError, type CloseInfo, DialError, describe } from './errors.ts'
import { isOffline, onWake } from './network.ts'
import { Outbox } from './outbox.ts'
import type { RedialConnection, RedialState } from './redial-connection.ts'
import { type RedialOptions, type RedialSettings, readRedialOptions } from './redial-options.ts'
import { delayAfter, givesUpAfter } from './retry.ts'

/**
 * One task that dials, uses the connection, and waits; and, while there is a connection, one for each direction.
 *
 * Invariants:
 * 1. `#closing` is set from the first `close`, cancel or give-up on; from then on sends fail, and nothing is
 *    dialled, because `#seeking` is cancelled.
 * 2. `#conn` is the current connection, from when it opens until all that it had was taken over.
 */
export class Redialer implements RedialConnection {
  readonly closed: Promise<CloseInfo>
  readonly state: ReceiveChannel<RedialState>
  #url: string
  readonly #dial: (ctx: Context) => Promise<Connection>
  readonly #settings: RedialSettings
  readonly #cancel: Cancel
  readonly #ctx: CancelContext
  /** Cancelled when no more connections are wanted. */
  readonly #seeking: CancelContext
  readonly #states: Channel<RedialState> = channel(1, { name: 'state', overflow: 'drop-oldest' })
  readonly #inlet: Inlet<Message>
  readonly #outbox: Outbox
  /** Rung when somebody took from the inlet. */
  readonly #taken: Channel<void> = bell()
  #conn: TransportConnection | undefined
  #closing: Closing | undefined
  /** `outgoing` was closed: it ends when the outbox is empty. */
  #isFinishing = false
  #attempt = 0

  static {
    inspectable(Redialer, 'RedialConnection', (conn) => ({
      url: conn.url,
      attempt: conn.#attempt,
      unread: conn.incoming.length,
      unsent: conn.#outbox.length,
      connection: conn.#conn,
    }))
  }

  constructor(
    url: string,
    dial: (ctx: Context) => Promise<Connection>,
    options: RedialOptions,
    cancel: Cancel = background(),
  ) {
    const { parent } = options
    this.#url = url
    this.state = receiveOnly(this.#states)
    this.#dial = dial
    this.#settings = readRedialOptions(options)
    this.#cancel = cancel
    this.#seeking = withCancel(cancel)
    const stopFollowing = [
      afterFunc(cancel, () => this.#cancelled()),
      parent && afterFunc(parent, () => this.#beginClose(1001)),
    ]
    this.#ctx = lifeUnder(parent)
    this.#inlet = inlet({
      name: 'incoming',
      capacity: options.incomingCapacity ?? 64,
      taken: () => void this.#taken.trySend(),
      behind: () => this.#behind,
    })
    this.#outbox = new Outbox(this.#settings.outboxCapacity, (error) => this.#outgoingClosed(error))
    this.closed = this.#run().finally(() => stopFollowing.forEach((stop) => stop?.()))
  }

  get url(): string {
    return this.#url
  }

  get ctx(): Context {
    return this.#ctx
  }

  get incoming(): ReceiveChannel<Message> {
    return this.#inlet.channel
  }

  get outgoing(): SendChannel<Message> {
    return this.#outbox.channel
  }

  close(code = 1000, reason = ''): Promise<CloseInfo> {
    checkClose(code, reason)
    this.#beginClose(code, reason)
    return this.closed
  }

  /** Ends it because of something that the peer sent: `incoming` fails with a `CloseError` that has `cause`. */
  refuse(code: number, cause: unknown): void {
    this.#beginClose(code, '', { error: new CloseError(endOf({ code, reason: '' }), { cause }) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<CloseInfo> {
    try {
      if (isOffline()) await this.#wait(undefined)
      while (this.#seeking.err === undefined) {
        const error = await this.#use()
        if (this.#isFinishing && this.#outbox.length === 0) this.#beginClose(1000)
        if (this.#seeking.err === undefined) {
          if (givesUpAfter(error, this.#settings)) this.#beginClose(1000, '', { error })
          else await this.#wait(error)
        }
      }
      if (this.#closing === undefined) this.#cancelled()
    } catch (error) {
      // A function of the program threw, or gave what it may not.
      this.#beginClose(1000, '', { error })
    }
    return this.#end(this.#closing!)
  }

  /**
   * Dials once, and uses the connection until its end.
   *
   * @returns the error of the dial, or of that end
   */
  async #use(): Promise<unknown> {
    this.#attempt++
    this.#tell('connecting')
    let conn: Connection
    try {
      conn = await this.#dial(this.#seeking)
    } catch (error) {
      return error
    }
    if (!(conn instanceof TransportConnection))
      throw new TypeError(`Cannot redial: expected a connection of dial, wrap or pipe, got ${describe(conn)}`)
    this.#url = conn.url
    // Nobody waits for it, so there is nothing to stop.
    const lasted = timer(this.#settings.stableMs)
    this.#conn = conn
    this.#tell('open')
    if (this.#closing !== undefined) this.#leave(conn, this.#closing)
    await Promise.all([this.#receiveFrom(conn), this.#outbox.sendOver(conn, () => this.#idle(conn))])
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

  /** How many messages the current connection has read and not handed on. */
  get #behind(): number {
    return this.#conn?.incoming.length ?? 0
  }

  /** The outbox is empty: all is with the connection. */
  #idle(conn: Connection): void {
    if (this.#closing !== undefined) void conn.close(this.#closing.code, this.#closing.reason)
    else if (this.#isFinishing) {
      // What the kernel has not got at a cut comes back to the outbox, and needs another connection.
      const finished = (): void => this.#beginClose(1000)
      conn.flush().then(finished, () => {})
    }
  }

  /** Waits before the next attempt: for some time or, while there is no network, for that. */
  async #wait(error: unknown): Promise<void> {
    const delayMs = delayAfter(this.#attempt, this.#settings)
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

  #outgoingClosed(error: unknown): void {
    if (error !== undefined) return this.#beginClose(1011)
    this.#isFinishing = true
    this.#refuseSends({ code: 1000, reason: '' })
    if (this.#conn === undefined && this.#outbox.length === 0) this.#beginClose(1000)
    else this.#outbox.ring()
  }

  #cancelled(): void {
    this.#beginClose(1001, '', { error: this.#cancel.signal.reason })
  }

  /** @param failure what `incoming` fails with, whatever that is */
  #beginClose(code: number, reason = '', failure?: Closing['failure']): void {
    if (this.#closing !== undefined) return
    const closing = (this.#closing = { code, reason, failure })
    this.#seeking.cancel()
    this.#refuseSends(closing)
    if (this.#conn !== undefined) this.#leave(this.#conn, closing)
  }

  /** Lets the outbox empty before the handshake; both together take `closeTimeoutMs` at most. */
  #leave(conn: TransportConnection, { code, reason }: Closing): void {
    this.#outbox.ring()
    sleep(this.#settings.closeTimeoutMs, conn.ctx).then(
      () => {
        void conn.close(code, reason) // so that it is known who ended it
        conn.destroy()
      },
      () => {}, // it ended in time
    )
  }

  #refuseSends(closing: Closing): void {
    this.#outbox.fail((value) => new CloseError(endOf(closing), { value, cause: closing.failure?.error }))
  }

  #end(closing: Closing): CloseInfo {
    const info = { ...endOf(closing), unsent: this.#outbox.length }
    // A channel cannot fail with `undefined`.
    const cause = closing.failure?.error === undefined ? new CloseError(info) : closing.failure.error
    const failure = closing.failure && { error: cause }
    this.#tell('closed', failure)
    this.#states.close()
    this.#inlet.close(failure?.error)
    this.#ctx.cancel(cause)
    return info
  }

  #tell(status: RedialState['status'], details?: Pick<RedialState, 'delayMs' | 'error'>): void {
    this.#states.trySend({ status, attempt: this.#attempt, ...details })
  }
}

/** Why and how it ends. */
interface Closing {
  readonly code: number
  readonly reason: string
  /** Set if it does not end well: why. */
  readonly failure?: { readonly error: unknown } | undefined
  /** How the connection that was open then ended. */
  info?: CloseInfo
}

function endOf({ code, reason, failure, info }: Closing): Omit<CloseInfo, 'unsent'> {
  if (info !== undefined) return info
  const error = failure?.error
  if (error instanceof CloseError) {
    return { code: error.closeCode, reason: error.reason, wasClean: error.wasClean, by: error.by }
  }
  if (error instanceof DialError) return { code: 1006, reason: '', wasClean: false, by: 'network' }
  return { code, reason, wasClean: false, by: 'local' }
}
