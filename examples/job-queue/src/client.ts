import { type Cancel, type Channel, channel, go } from 'chansel'
import { type Connection, type TypedConnection, dial, json, withCodec } from '@chansel/ws'
import { Outcome, type Submission } from './protocol.ts'

/** Submits jobs, over one connection. */
export class Client implements AsyncDisposable {
  readonly #conn: TypedConnection<Outcome, Submission>
  readonly #pending = new Map<string, Channel<Outcome>>()
  #jobs = 0

  private constructor(conn: Connection) {
    this.#conn = withCodec(conn, json<Outcome, Submission>(Outcome))
    void go(() => this.#listen())
  }

  static async connect(url: string, cancel?: Cancel): Promise<Client> {
    return new Client(await dial(url, {}, cancel))
  }

  /** Resolves to the job's value; waits while the broker is full. Rejects if the job failed, or the connection. */
  async run(input: number, cancel?: Cancel): Promise<number> {
    const id = String(++this.#jobs)
    const answer = channel<Outcome>(1)
    this.#pending.set(id, answer)
    try {
      await this.#conn.outgoing.send({ id, input }, cancel)
      const { value, ok } = await answer.receive(cancel)
      if (!ok) throw this.#conn.ctx.cause
      if (!value.ok) throw new Error(value.error)
      return value.value
    } finally {
      this.#pending.delete(id)
    }
  }

  async #listen(): Promise<void> {
    try {
      for await (const outcome of this.#conn.incoming) this.#pending.get(outcome.id)?.trySend(outcome)
    } catch {
      // Each job that waits is told how it ended.
    }
    for (const answer of this.#pending.values()) answer.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#conn.close()
  }
}
