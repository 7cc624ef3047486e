import { type CancelContext, type Context, background, select, ticker, withCancel } from 'chansel'
import { heartbeatAnswered, heartbeatExpired, heartbeatPinged } from '#diagnostics'
import type { ConnectionSettings } from './connection-options.ts'
import { HeartbeatError } from './errors.ts'
import type { Transport } from './transport/port.ts'

export { pingAnswered, sendPing } from './pings.ts'

/**
 * Watches that the peer of a connection is there, and destroys its transport if it is not. After `intervalMs`
 * without a sign of it the peer is pinged; if there is none in the `timeoutMs` after that either, it is gone. Any
 * byte is a sign, not only a pong. Does nothing where the transport has no pings.
 *
 * What is measured is the peer and not our consumer: while our reading is paused signs cannot be seen, so that time
 * does not count. Instead the connection is probed with something that asks for no answer, because answers that we
 * do not read would pile up at the peer until it gives us up. Where the peer has gone, a write is answered with a
 * reset, and only the next write finds that: so probes come in twos.
 *
 * Nor does time count in which this process did not look: answers that came while it was busy or suspended may not
 * have been read yet.
 *
 * One ticker serves all connections with the same times.
 *
 * @param connection how `unwatch` finds the peer
 * @param reading ours, which may be paused
 */
export function watch(
  connection: object,
  transport: Transport,
  { heartbeat }: Pick<ConnectionSettings, 'heartbeat'>,
  reading: { readonly isPaused: boolean },
): void {
  if (heartbeat === false || transport.ping === undefined) return
  const { intervalMs, timeoutMs } = heartbeat
  const key = `${intervalMs}/${timeoutMs}`
  let ward = wards.get(key)
  if (ward === undefined) wards.set(key, (ward = new Ward(key, intervalMs, timeoutMs)))
  ward.admit(connection, new Peer(transport, reading, ward.now))
}

/**
 * Ends the watch, if there is one. Asks all wards, of which programs have few, because the program may have changed
 * the object that has the times.
 */
export function unwatch(connection: object): void {
  for (const ward of wards.values()) ward.release(connection)
}

/**
 * A peer that is watched. Its times are whole ms, because a number with a fraction takes a place in memory of its
 * own.
 */
class Peer {
  readonly transport: Transport
  readonly reading: { readonly isPaused: boolean }
  /** What `transport.activity` was at the last look. */
  activity: number
  /** When there was the last sign of it, as far as looks can tell. */
  quietSince: number
  /** When it was asked for a sign; `undefined` if it was not, since the last one. */
  pingedAt: number | undefined
  probedAt = 0
  /** The first of two probes was sent. */
  isProbing = false

  constructor(transport: Transport, reading: { readonly isPaused: boolean }, now: number) {
    this.transport = transport
    this.reading = reading
    this.activity = transport.activity
    this.quietSince = now
  }
}

/**
 * All peers with the same times.
 *
 * Invariants:
 * 1. Its one task runs while it has a peer, and only then; so it keeps nothing alive that is over.
 * 2. Its time goes on by at most `LATE` looks from one look to the next.
 */
class Ward {
  /** By their connections. */
  readonly #peers = new Map<object, Peer>()
  readonly #key: string
  readonly #intervalMs: number
  readonly #timeoutMs: number
  readonly #lookMs: number
  #watching: CancelContext | undefined
  /** The time at the last look, and what the clock said then. */
  #time = 0
  #lookedAt: number = performance.now()

  constructor(key: string, intervalMs: number, timeoutMs: number) {
    this.#key = key
    this.#intervalMs = intervalMs
    this.#timeoutMs = timeoutMs
    this.#lookMs = Math.max(1, Math.min(intervalMs, timeoutMs) / LOOKS)
  }

  get now(): number {
    return Math.round(this.#time + Math.min(performance.now() - this.#lookedAt, LATE * this.#lookMs))
  }

  admit(connection: object, peer: Peer): void {
    this.#peers.set(connection, peer)
    if (this.#peers.size > 1) return
    this.#watching = withCancel(background())
    void this.#watch(this.#watching)
  }

  release(connection: object): void {
    if (!this.#peers.delete(connection) || this.#peers.size > 0) return
    this.#watching!.cancel()
    wards.delete(this.#key)
  }

  async #watch(ctx: Context): Promise<void> {
    const look = ticker(this.#lookMs)
    for (;;) {
      const event = await select({ look, nobody: ctx.done })
      if (event.case === 'nobody') return
      const { now } = this
      this.#time = now
      this.#lookedAt = performance.now()
      for (const [connection, peer] of this.#peers) this.#look(connection, peer, now)
    }
  }

  #look(connection: object, peer: Peer, now: number): void {
    const { transport } = peer
    if (transport.activity !== peer.activity) {
      peer.activity = transport.activity
      peer.quietSince = now
      if (peer.pingedAt !== undefined) heartbeatAnswered(transport, now - peer.pingedAt)
      peer.pingedAt = undefined
      return
    }
    if (peer.reading.isPaused) {
      peer.pingedAt = undefined
      if (!peer.isProbing && now - Math.max(peer.quietSince, peer.probedAt) < this.#intervalMs) return
      peer.isProbing = !peer.isProbing
      peer.probedAt = now
      transport.probe!()
    } else if (peer.pingedAt === undefined) {
      if (now - peer.quietSince < this.#intervalMs) return
      peer.pingedAt = now
      heartbeatPinged(transport, now - peer.quietSince)
      transport.ping!('')
    } else if (now - peer.pingedAt >= this.#timeoutMs) {
      const quietMs = now - peer.quietSince
      heartbeatExpired(transport, quietMs)
      // Once: its end may take longer than the next look.
      this.release(connection)
      transport.destroy(new HeartbeatError(quietMs))
    }
  }
}

/**
 * How many looks there are in the shorter of the two times: each costs a few ns a connection, and a cut may be late
 * by the time between two.
 */
const LOOKS = 8
/**
 * By how many looks one may be late and all its time still count: half of the shorter time, so that no single look
 * cuts a peer.
 */
const LATE = LOOKS / 2

const wards = new Map<string, Ward>()
