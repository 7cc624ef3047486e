/** Enough for everybody who talks in a room for days; a forgotten session costs a line said twice, no more. */
const MAX_SESSIONS = 1_000

/**
 * How far each session was heard: the half of "once" that the numbers on the lines make possible.
 *
 * After a cut the page cannot know whether its last lines arrived, so it sends them again; the room drops those
 * it has had. After a reconnect the room repeats what it remembers; the page drops those it has shown. Both are
 * this one question, and a single number per session answers it, because a session's lines always come in order.
 */
export class Heard {
  // A Map remembers the order of insertion: its first key is the session that was silent for longest.
  readonly #counters = new Map<string, number>()

  /** Whether this line comes for the first time; it has come from then on. */
  isNew(session: string, counter: number): boolean {
    if (counter <= this.upTo(session)) return false
    this.#counters.delete(session)
    this.#counters.set(session, counter)
    for (const [silent] of this.#counters) {
      if (this.#counters.size <= MAX_SESSIONS) break
      this.#counters.delete(silent)
    }
    return true
  }

  upTo(session: string): number {
    return this.#counters.get(session) ?? 0
  }
}
