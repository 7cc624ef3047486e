import type { Failure } from '../../measure/protocol.ts'
import { Generator, type Programs, Server, dialectOf } from './processes.ts'
import type {
  Done,
  GeneratorRequest,
  Listening,
  Memory,
  Pushed,
  Sent,
  ServerRequest,
  Traffic,
  Usage,
} from './protocol.ts'
import type { ServerLoad } from './servers/server.ts'

/** A library cannot do a load, or not here. */
export class UnableError extends Error {
  override readonly name = 'UnableError'
}

/** The server of a library that does one load, and the generator in front of it. Throws if either reports an error. */
export class Pair {
  readonly #server: Server
  readonly #generator: Generator
  readonly #library: string
  #port = 0

  private constructor(server: Server, generator: Generator, library: string) {
    this.#server = server
    this.#generator = generator
    this.#library = library
  }

  /** @throws UnableError */
  static async listen(programs: Programs, library: string, load: ServerLoad, isTls: boolean): Promise<Pair> {
    const server = Server.of(programs, library)
    if (typeof server === 'string') throw new UnableError(server)
    const pair = new Pair(server, new Generator(programs), library)
    try {
      pair.#port = (await pair.#askServer<Listening>({ command: 'listen', load, isTls })).port
      return pair
    } catch (error) {
      pair.stop()
      throw error
    }
  }

  async connect(traffic: Traffic): Promise<void> {
    const dialect = dialectOf(this.#library)
    await this.#askGenerator<Done>({ command: 'connect', port: this.#port, dialect, traffic })
  }

  async disconnect(): Promise<void> {
    await this.#askGenerator<Done>({ command: 'disconnect' })
  }

  send(messages: number): Promise<Sent> {
    return this.#askGenerator({ command: 'send', messages })
  }

  push(bytes: number, limitMs: number): Promise<Pushed> {
    return this.#askGenerator({ command: 'push', bytes, limitMs })
  }

  usage(): Promise<Usage> {
    return this.#askServer({ command: 'usage' })
  }

  memory(): Promise<Memory> {
    return this.#askServer({ command: 'memory' })
  }

  async watch(): Promise<void> {
    await this.#askServer<Done>({ command: 'watch' })
  }

  stop(): void {
    this.#server.stop()
    this.#generator.stop()
  }

  async #askServer<Answer extends object>(request: ServerRequest): Promise<Answer> {
    return checked(await this.#server.ask(request, LIMIT_MS)) as Answer
  }

  async #askGenerator<Answer extends object>(request: GeneratorRequest): Promise<Answer> {
    return checked(await this.#generator.ask(request, LIMIT_MS)) as Answer
  }
}

/** Nothing takes this long unless it hangs. */
const LIMIT_MS = 30_000

function checked<Answer extends object>(answer: Answer | Failure): Answer {
  if ('error' in answer) throw new Error(answer.error)
  if ('no' in answer) throw new UnableError(String(answer.no))
  return answer
}
