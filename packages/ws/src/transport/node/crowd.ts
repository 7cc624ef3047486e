import { setImmediate } from 'node:timers'

/**
 * Connections that have one message each to write, many in one turn of the event loop. They write when all have
 * been read. One that writes right after it is read wakes its peer, which is asleep again before the next one
 * writes: waking it costs as much as all that this library does for a message. Writes that follow one another find
 * the peer awake.
 *
 * Where there are few, waiting costs more than it saves: one more look of the event loop at what there is to read.
 * Whether there are many is found out now and then while nobody waits, and each time while some do.
 *
 * Invariant: while there are `members`, `disperse` is due at the end of this turn of the event loop.
 */

/** To be told of the end of the turn. */
interface Member {
  endTurn(): void
}

const members: Member[] = []
let isCrowd = false
/** How often `isCrowded` was asked while there was no crowd. */
let asked = 0

/** To be asked by each connection that has one message to write: whether it is to join. */
export function isCrowded(): boolean {
  if (isCrowd) return true
  const before = asked++
  if (before % LOOK_EVERY === 0) setImmediate(() => (isCrowd = asked - before >= FEWEST))
  return false
}

/** Has `member` told once what there is to read has been read: at the end of this turn of the event loop. */
export function joinCrowd(member: Member): void {
  if (members.push(member) === 1) setImmediate(disperse)
}

function disperse(): void {
  isCrowd = members.length >= FEWEST
  for (let i = 0; i < members.length; i++) members[i]!.endTurn()
  members.length = 0
}

/** From how many connections on, in one turn, there is a crowd. */
const FEWEST = 8
/** While there is none, one question in so many finds out whether there is by now. */
const LOOK_EVERY = 64
