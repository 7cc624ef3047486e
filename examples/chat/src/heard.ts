/** Enough for everybody who talks in a room for days; a forgotten session costs no more than a line said twice. */
const MAX_SESSIONS = 1_000

/**
 * How far each session was heard: the numbers on the lines are one half of "once", and this is the other.
 *
 * After a cut the page cannot know whether its last lines arrived, so it sends them again, and the room drops the
 * ones it has had. After a reconnect the room repeats what it remembers, and the page drops the lines it has shown.
 * Both ask the same question. One number per session answers it, because a session's lines always come in order.
 */
export class Heard {
  // A Map remembers the order of insertion: its first key is the session that has been silent for longest.
  readonly #counters = new Map<string, number>()

  /** Whether this line comes for the first time. From now on it counts as having come. */
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
