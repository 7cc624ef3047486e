import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Cell } from '../../report/results.ts'
import type { Done, Failure, GeneratorRequest, Listening, Sent, ServerRequest, Usage } from './protocol.ts'
import { type EchoLoad, ws } from './suite.ts'

export interface WsPlan {
  readonly rounds: number
  /** CPU time of the server in one run, about. */
  readonly targetMs: number
  /** The folder of the bundles. */
  readonly modules: string
  readonly wantsLibrary: (library: string) => boolean
  readonly wantsLoad: (load: string) => boolean
  readonly progress: (text: string) => void
}

/**
 * Measures each load with a server process and a generator process for each library, all of a load's at once and in
 * turn: each once a round, in an order that rotates. The time is the CPU time of the server's process.
 */
export async function runWs(plan: WsPlan): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const load of ws.loads.filter(({ name }) => plan.wantsLoad(name))) {
    const subjects: Subject[] = []
    try {
      for (const { id } of ws.libraries) {
        if (id !== ws.control.library && !plan.wantsLibrary(id)) continue
        if (load.only !== undefined && !load.only.includes(id)) continue
        plan.progress(`${load.name}: warming up ${id}`)
        subjects.push(await Subject.start(plan, load, id))
      }
      for (let round = 0; round < plan.rounds; round++) {
        plan.progress(`${load.name}: round ${round + 1} of ${plan.rounds}`)
        for (let i = 0; i < subjects.length; i++) await subjects[(i + round) % subjects.length]!.run()
      }
      cells.push(...subjects.map((subject) => subject.cell()))
    } finally {
      for (const subject of subjects) subject.stop()
    }
  }
  return cells
}

/** A library under one load: its server, the generator before it, and what was measured. */
class Subject {
  readonly #load: EchoLoad
  readonly #library: string
  readonly #server: Process
  readonly #generator: Process
  #messages = FEWEST
  readonly #cpuNs: number[] = []
  readonly #wallNs: number[] = []
  readonly #systemShare: number[] = []
  readonly #serverLoad: number[] = []
  readonly #generatorLoad: number[] = []

  private constructor(plan: WsPlan, load: EchoLoad, library: string) {
    const [name, hasBufferUtil] = library.split('+')
    const environment = hasBufferUtil === undefined ? { WS_NO_BUFFER_UTIL: '1' } : {}
    this.#load = load
    this.#library = library
    const module = join(plan.modules, `ws/servers/${name}.js`)
    this.#server = new Process(['--expose-gc', join(plan.modules, 'ws/serve.js'), module], environment)
    this.#generator = new Process([join(plan.modules, 'ws/generate.js')], {})
  }

  /** Connects, and finds the number of messages that takes a run's time. */
  static async start(plan: WsPlan, load: EchoLoad, library: string): Promise<Subject> {
    const subject = new Subject(plan, load, library)
    const { isTls } = load.echo
    const { port } = await subject.#server.ask<Listening>({ command: 'listen', load: 'echo', isTls })
    const dialect = library === 'socket-io' ? 'socket-io' : 'plain'
    await subject.#generator.ask<Done>({ command: 'connect', port, dialect, echo: load.echo })
    for (let i = 0; i < WARM_UPS; i++) {
      const { cpuNs } = await subject.#measure()
      const fitting = Math.round((plan.targetMs * 1e6) / Math.max(cpuNs, 1))
      subject.#messages = Math.min(subject.#messages * 8, Math.max(FEWEST, fitting))
    }
    return subject
  }

  async run(): Promise<void> {
    const { cpuNs, wallNs, systemNs, generatorNs } = await this.#measure()
    this.#cpuNs.push(cpuNs)
    this.#wallNs.push(wallNs)
    this.#systemShare.push(systemNs / cpuNs)
    this.#serverLoad.push(cpuNs / wallNs)
    this.#generatorLoad.push(generatorNs / wallNs)
  }

  /** Times of one message. */
  async #measure() {
    const before = await this.#server.ask<Usage>({ command: 'usage' })
    const { messages, wallNs, cpuNs } = await this.#generator.ask<Sent>({
      command: 'echo',
      messages: this.#messages,
    })
    const after = await this.#server.ask<Usage>({ command: 'usage' })
    const each = (us: number): number => (us * 1_000) / messages
    return {
      cpuNs: each(after.cpuUs - before.cpuUs),
      systemNs: each(after.systemUs - before.systemUs),
      wallNs: wallNs / messages,
      generatorNs: cpuNs / messages,
    }
  }

  cell(): Cell {
    return {
      library: this.#library,
      load: this.#load.name,
      group: this.#load.group,
      n: this.#messages,
      cpuNs: this.#cpuNs.map(rounded),
      wallNs: this.#wallNs.map(rounded),
      // The bottleneck is whichever process is near 1; near neither, each waits for the other.
      figures: {
        serverLoad: this.#serverLoad.map(rounded),
        generatorLoad: this.#generatorLoad.map(rounded),
        systemShare: this.#systemShare.map(rounded),
      },
    }
  }

  stop(): void {
    this.#server.stop()
    this.#generator.stop()
  }
}

/** Enough to be compiled. */
const WARM_UPS = 6
const FEWEST = 256

/** A process that answers one request at a time. */
class Process {
  readonly #child: ChildProcessWithoutNullStreams
  #answered: (line: string) => void = () => {}

  constructor(parameters: readonly string[], environment: { readonly [name: string]: string }) {
    this.#child = spawn(process.execPath, parameters, {
      stdio: 'pipe',
      env: { ...process.env, ...environment },
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answered(line))
    this.#child.stderr.pipe(process.stderr)
    this.#child.stdin.on('error', () => {})
    this.#child.on('exit', () => this.#answered('{"error":"the process has ended"}'))
  }

  async ask<Answer>(request: ServerRequest | GeneratorRequest): Promise<Answer> {
    const answer = await new Promise<Answer | Failure>((resolve) => {
      this.#answered = (line) => resolve(JSON.parse(line) as Answer | Failure)
      this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    if ('error' in (answer as object)) throw new Error(`Cannot measure: ${(answer as Failure).error}`)
    return answer as Answer
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
