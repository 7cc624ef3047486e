import { setImmediate } from 'node:timers'

/**
 * Connections of which each has one message to write, many in one turn of the event loop. They write when all have been
 * read. One that writes right after it is read wakes its peer, which has gone to sleep again before the next does: that
 * costs as much as all that this library does for a message. Written one behind the other they find the peer awake.
 *
 * Where there are few, waiting costs more than it saves: another look of the event loop at what there is to read. Whether
 * there are many is looked at now and then while nobody waits, and each time while they do.
 *
 * Invariant: while there are `members`, `disperse` is due at the end of this turn of the event loop.
 */

/** To be told of the end of the turn. */
interface Member {
  endTurn(): void
}

const members: Member[] = []
let isCrowd = false
/** How often it was asked while there was none. */
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

const FEWEST = 8
const LOOK_EVERY = 64
