// Rooms and members without a network: a connection is a few channels and a context.

import { background, channel, sleep, ticker, withCancel, type CancelContext } from 'chansel'
import { simulate } from 'chansel/testing'
import type { Connection } from '@chansel/ws'
import { expect, test, vi } from 'vitest'
import { MAILBOX_CAPACITY, parseFromServer, type Line } from '../src/protocol.ts'
import { converse } from '../src/server/member.ts'
import { Lobby, Room, type Member } from '../src/server/room.ts'

/** What the server asks of a connection. */
function connection(): Connection & { ctx: CancelContext } {
  const ctx = withCancel(background())
  return { ctx, outgoing: { length: 0 }, close: () => ctx.cancel() } as unknown as Connection & {
    ctx: CancelContext
  }
}

function join(room: Room, name: string, conn = connection()): Member {
  return room.join({ room: 'test', name, session: name }, conn)
}

function say(room: Room, by: Member, counter: number): Promise<void> {
  return room.posts.send({ by, type: 'say', counter, text: `${by.name} ${counter}` })
}

function linesOf(frames: readonly string[]): number[] {
  const messages = frames.map((frame) => parseFromServer(frame))
  return messages.filter((message): message is Line => message?.type === 'line').map(({ seq }) => seq)
}

function takeAll({ mailbox }: Member): string[] {
  const frames: string[] = []
  for (let taken = mailbox.tryReceive(); taken?.ok; taken = mailbox.tryReceive()) frames.push(taken.value)
  return frames
}

/** Posts until the room waits for a mailbox. */
async function fill(room: Room, by: Member): Promise<void> {
  for (let counter = 1; counter <= MAILBOX_CAPACITY + 1; counter++) await say(room, by, counter)
}

test('a member that joins while the room waits gets every line once', async () => {
  const room = new Room()
  const slow = join(room, 'slow')
  await fill(room, slow)
  const late = join(room, 'late')
  const history = linesOf(room.greet(late))
  expect(history).toHaveLength(MAILBOX_CAPACITY + 1)

  const taken = takeAll(slow)
  await say(room, slow, MAILBOX_CAPACITY + 2)
  await vi.waitUntil(() => late.mailbox.length > 0)
  expect([...history, ...linesOf(takeAll(late))]).toEqual(history.concat(MAILBOX_CAPACITY + 2))
  expect(linesOf([...taken, ...takeAll(slow)])).toEqual(history.concat(MAILBOX_CAPACITY + 2))
})

test('a room does not wait for a member that leaves, or whose connection is lost', async () => {
  const room = new Room()
  const conn = connection()
  const lost = join(room, 'lost', conn)
  const leaving = join(room, 'leaving')
  const reader = join(room, 'reader')
  await fill(room, reader)
  const waiting = say(room, reader, MAILBOX_CAPACITY + 2)
  conn.ctx.cancel()
  leaving[Symbol.dispose]()
  takeAll(reader)
  await waiting
  expect(lost.mailbox.length).toBe(MAILBOX_CAPACITY)
})

test('what a member said before its connection ended is said, also when the room lets it wait', async () => {
  const room = new Room()
  const slow = join(room, 'slow')
  await fill(room, slow)
  const incoming = channel<string>(4)
  const outgoing = channel<string>()
  const conn = Object.assign(connection(), { incoming, outgoing })
  for (const counter of [1, 2, 3])
    await incoming.send(`{"type":"say","counter":${counter},"text":"last words"}`)
  incoming.close()
  outgoing.close()
  conn.ctx.cancel()
  const talking = converse(conn, room, join(room, 'Ada', conn))
  const heard: string[] = []
  while (!heard.some((frame) => frame.includes('"counter":3,"text":"last words"'))) {
    heard.push((await slow.mailbox.receive()).value!)
  }
  await talking
})

test('a member that reads nothing for a minute is thrown out, and not a second before', async () => {
  await simulate(async (t) => {
    const room = new Room()
    const conn = Object.assign(connection(), { incoming: channel<string>(), outgoing: channel<string>() })
    const start = t.now()
    const talking = converse(conn, room, join(room, 'Ada', conn))
    await expect(talking).rejects.toThrow('You have read nothing for a minute')
    expect(t.now() - start).toBe(60_000)
    room.posts.close()
  })
})

test('a member that reads stays, however slowly it does', async () => {
  await simulate(async () => {
    const room = new Room()
    const [incoming, outgoing] = [channel<string>(), channel<string>()]
    const conn = Object.assign(connection(), { incoming, outgoing })
    const talking = converse(conn, room, join(room, 'Ada', conn))
    for (let i = 0; i < 10; i++) {
      await sleep(59_000)
      expect((await outgoing.receive()).ok).toBe(true)
    }
    incoming.close()
    await talking
    room.posts.close()
  })
})

test('a server that was held up for minutes throws nobody out', async () => {
  const room = new Room()
  const [incoming, outgoing] = [channel<string>(), channel<string>()]
  const conn = Object.assign(connection(), { incoming, outgoing })
  let heldUpMs = 0
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + heldUpMs)
  try {
    const talking = converse(conn, room, join(room, 'Ada', conn))
    using beat = ticker(500)
    for (let i = 0; i < 2; i++) {
      heldUpMs += 120_000
      await beat.receive() // by then `converse` had its tick: its ticker is the elder
    }
    expect(await Promise.race([talking, outgoing.receive()])).toMatchObject({ ok: true })
    incoming.close()
    await talking
  } finally {
    clock.mockRestore()
  }
})

test('a session that comes back takes its own place and name', async () => {
  const room = new Room()
  const before = join(room, 'Ada')
  const after = join(room, 'Ada')
  expect(after.name).toBe('Ada')
  expect(before.ctx.err).toBeDefined()
  before[Symbol.dispose]()
  expect(room.isEmpty).toBe(false)
  expect(join(room, 'Ada-2').name).toBe('Ada-2')
  expect(room.join({ room: 'test', name: 'Ada', session: 'another' }, connection()).name).toBe('Ada-3')
})

test('the history keeps 200 lines, and 512 Ki characters of them', async () => {
  const room = new Room()
  const ada = join(room, 'Ada')
  /** Says lines up to this one, and reads them: then they are in the history. */
  async function sayUpTo(last: number, text: string): Promise<void> {
    for (let said = 0; said < last;) {
      await room.posts.send({ by: ada, type: 'say', counter: counter++, text })
      const { value } = await ada.mailbox.receive()
      said = linesOf([value!])[0]!
    }
  }
  let counter = 1
  await sayUpTo(250, 'short')
  expect(linesOf(room.greet(ada))).toEqual(Array.from({ length: 200 }, (_, index) => index + 51))
  await sayUpTo(300, 'x'.repeat(16 * 1024))
  expect(linesOf(room.greet(ada))).toEqual(Array.from({ length: 31 }, (_, index) => index + 270))
})

test('a lobby keeps empty rooms until it needs their place, and no more rooms than it has places for', () => {
  const lobby = new Lobby()
  const rooms = Array.from({ length: 64 }, (_, index) => lobby.room(`room-${index}`))
  expect(lobby.room('room-1')).toBe(rooms[1])
  const guests = rooms.slice(1).map((room) => join(room, 'Ada'))
  expect(lobby.room('one more')).toBeDefined() // where room-0 was
  join(lobby.room('one more'), 'Ada')
  expect(() => lobby.room('and one more')).toThrow('There are too many rooms')
  guests[0]![Symbol.dispose]()
  expect(lobby.room('and one more')).toBeDefined()
})
