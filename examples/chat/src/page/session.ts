// The page's connection: dial, talk, and when it ends, wait a little and dial again.

import { channel, select, sendCase, ticker, timer } from 'chansel'
import { CloseError, dial, DialError, type CloseInfo, type Connection } from '@chansel/ws'
import { Heard } from '../heard.ts'
import { encode, parseFromServer, type FromServer, type Say } from '../protocol.ts'
import { Outbox } from './outbox.ts'

const BACKOFF_MIN_MS = 250
const BACKOFF_MAX_MS = 10_000
const SLOW_MESSAGES_PER_SECOND = 4
/** At most this many messages wait unread. If the browser cannot stop the server, one more ends the connection. */
const MAX_BEHIND = 64
/** The close code of a server that will not accept this page, now or later. */
const REFUSED = 1008

/** What the person at the page wants. The session reads it again after every wait. */
export interface Wishes {
  room: string
  name: string
  /** Read a few messages a second, no more. */
  isSlow: boolean
  /** Send large lines as fast as the connection takes them. */
  isBursting: boolean
}

export type Status =
  | { readonly status: 'connecting' | 'connected' }
  | { readonly status: 'waiting'; readonly waitMs: number; readonly closeCode: number | undefined }
  | { readonly status: 'refused'; readonly reason: string }

/** Where the session shows what happens. */
export interface Screen {
  status(status: Status): void
  /** Another room: what is on the page belongs to the last one. */
  enter(room: string): void
  show(message: FromServer): void
  /** How many lines were said while the page was away that the room no longer remembers. */
  missed(lines: number): void
  /** A line of this page that the room has not said yet. */
  pending(counter: number, text: string): void
  /** The room has said the lines of this page up to this one. */
  confirmed(counter: number): void
}

/** A room, under a name, and what the page knows of it. It outlives connections. */
interface Visit {
  readonly url: string
  readonly outbox: Outbox
  readonly heard: Heard
  epoch: string
  seq: number
}

export class Session {
  /** Messages, on all connections. */
  received = 0
  sent = 0

  readonly #id: string
  readonly #wishes: Wishes
  readonly #screen: Screen
  readonly #outboxes = new Map<string, Outbox>()
  #visit: Visit
  #conn: Connection | undefined
  #failures = 0

  // Two door bells. With room for one value and `trySend`, two rings before anybody looks are one.
  readonly #changed = channel<void>(1, { name: 'changed' })
  readonly #hurry = channel<void>(1, { name: 'hurry' })

  /** @param id new with every load of the page: two tabs are two people */
  constructor(id: string, wishes: Wishes, screen: Screen) {
    this.#id = id
    this.#wishes = wishes
    this.#screen = screen
    this.#visit = this.#enter()
  }

  get outbox(): Outbox {
    return this.#visit.outbox
  }

  /** Messages that have arrived and wait to be read. */
  get incoming(): number {
    return this.#conn?.incoming.length ?? 0
  }

  wish(wishes: Partial<Wishes>): void {
    const { room, name } = this.#wishes
    Object.assign(this.#wishes, wishes)
    if (this.#wishes.room !== room) this.#visit = this.#enter()
    else if (this.#wishes.name !== name) this.#visit = { ...this.#visit, url: this.#url() }
    this.#changed.trySend()
  }

  /** `false` if too many lines are on their way already. */
  say(text: string): boolean {
    const counter = this.outbox.add(text)
    if (counter === undefined) return false
    this.#screen.pending(counter, text)
    this.#changed.trySend()
    return true
  }

  /** Makes the next attempt now. */
  hurry(): void {
    this.#hurry.trySend()
  }

  /** Runs for as long as the page lives. One round of the loop is one connection. */
  async run(): Promise<never> {
    for (;;) {
      const visit = this.#visit
      const end = await this.#connect(visit)
      if (this.#visit === visit) await this.#pause(visit, end)
    }
  }

  /** One connection, from the dial to its end; `undefined` if it never opened. */
  async #connect(visit: Visit): Promise<CloseInfo | undefined> {
    this.#screen.status({ status: 'connecting' })
    try {
      const conn = await dial(visit.url, { handshakeTimeoutMs: 5_000, incomingCapacity: MAX_BEHIND })
      this.#conn = conn
      await this.#talk(conn, visit)
      const closed = conn.close()
      // To go elsewhere, do not wait until this room has said goodbye.
      return this.#visit === visit ? await closed : undefined
    } catch (error) {
      // No server, or a connection that broke: what follows is the same.
      if (error instanceof CloseError) return await this.#conn?.closed
      if (!(error instanceof DialError)) throw error
      return undefined
    } finally {
      this.#conn = undefined
    }
  }

  /** Talks until the connection ends, or until the person wants to be elsewhere. */
  async #talk(conn: Connection, visit: Visit): Promise<void> {
    const { outbox } = visit
    outbox.rewind()
    using pace = ticker(1_000 / SLOW_MESSAGES_PER_SECOND)
    let mayRead = true
    let isWelcome = false
    let next: { counter: number; frame: string } | undefined
    for (;;) {
      const { isSlow, isBursting } = this.#wishes
      if (isBursting && outbox.unsent === 0) outbox.addBurst()
      // Nothing before the welcome: it says which lines the room has had.
      if (isWelcome) next ??= framed(outbox.next())
      const event = await select({
        // A slow reader is one that does not receive. Everything else follows from that: see the server's `converse`.
        heard: (!isSlow || mayRead) && conn.incoming,
        pace: isSlow && !mayRead && pace,
        // A connection that has ended takes nothing more, but what it brought before still has to be read.
        sent: !conn.outgoing.closed && next && sendCase(conn.outgoing, next.frame),
        changed: this.#changed,
      })
      if (this.#visit !== visit) return
      switch (event.case) {
        case 'heard': {
          if (!event.ok) return
          mayRead = false
          this.received++
          const message = parseFromServer(event.value)
          if (message) this.#hear(message, visit)
          isWelcome ||= message?.type === 'welcome'
          break
        }
        case 'sent':
          this.sent++
          outbox.sent(next!.counter)
          next = undefined
          break
        case 'pace':
          mayRead = true
          break
        case 'changed':
          break // There are other wishes, or more to send.
      }
    }
  }

  #hear(message: FromServer, visit: Visit): void {
    switch (message.type) {
      case 'welcome':
        if (visit.epoch !== message.epoch) visit.seq = 0
        visit.epoch = message.epoch
        this.#confirm(message.heard, visit)
        this.#screen.status({ status: 'connected' })
        break
      case 'line':
        if (visit.seq > 0 && message.seq > visit.seq + 1) this.#screen.missed(message.seq - visit.seq - 1)
        visit.seq = Math.max(visit.seq, message.seq)
        if (message.session === this.#id) this.#confirm(message.counter, visit)
        if (!visit.heard.isNew(message.session, message.counter)) return
        break
      case 'stats':
        // It comes only once everything before it has been taken: this connection works beyond the welcome.
        this.#failures = 0
        break
      case 'note':
        break
    }
    this.#screen.show(message)
  }

  #confirm(counter: number, { outbox }: Visit): void {
    outbox.confirm(counter)
    this.#screen.confirmed(counter)
  }

  /** Waits before the next attempt. If the server refused this page, waits until the person asks for one. */
  async #pause(visit: Visit, end: CloseInfo | undefined): Promise<void> {
    const isRefused = end?.code === REFUSED
    // Longer after each failure, and random: after a restart the pages must not all come back at once.
    const waitMs = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#failures++)
    const dueAt = performance.now() + waitMs
    using due = timer(waitMs)
    using countdown = ticker(1_000)
    this.#hurry.tryReceive() // It may have been rung when there was no hurry.
    while (this.#visit === visit) {
      this.#screen.status(
        isRefused
          ? { status: 'refused', reason: end.reason }
          : { status: 'waiting', waitMs: dueAt - performance.now(), closeCode: end?.code },
      )
      const event = await select({
        due: !isRefused && due,
        countdown: !isRefused && countdown,
        hurry: this.#hurry,
        changed: this.#changed,
      })
      if (event.case === 'due' || event.case === 'hurry') return
    }
  }

  #enter(): Visit {
    const { room } = this.#wishes
    let outbox = this.#outboxes.get(room)
    if (!outbox) this.#outboxes.set(room, (outbox = new Outbox()))
    this.#screen.enter(room)
    for (const { counter, text } of outbox.typed()) this.#screen.pending(counter, text)
    return { url: this.#url(), outbox, heard: new Heard(), epoch: '', seq: 0 }
  }

  #url(): string {
    const { room, name } = this.#wishes
    const url = new URL(`chat?${new URLSearchParams({ room, name, session: this.#id })}`, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    return url.href
  }
}

function framed(line: Say | undefined): { counter: number; frame: string } | undefined {
  return line && { counter: line.counter, frame: encode(line) }
}
