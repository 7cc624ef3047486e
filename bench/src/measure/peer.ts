import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Failure, Reply, Request } from './protocol.ts'

/**
 * The driver's end of a process under measurement.
 *
 * Invariants:
 * 1. One request at a time, and each gets an answer: the reply, or a failure if none comes in time or the process dies.
 * 2. A process that did not answer is killed. The next request starts a new one.
 */
export class Peer<Asked = Request, Answer extends object = Reply> {
  readonly #command: string
  readonly #parameters: readonly string[]
  readonly #environment: { readonly [name: string]: string }
  #child: ChildProcessWithoutNullStreams | null = null
  #reply: ((reply: Answer | Failure) => void) | null = null
  #errors = ''

  constructor(
    command: string,
    parameters: readonly string[],
    environment: { readonly [name: string]: string } = {},
  ) {
    this.#command = command
    this.#parameters = parameters
    this.#environment = environment
  }

  async ask(request: Asked, limitMs: number): Promise<Answer | Failure> {
    const child = (this.#child ??= this.#start())
    let watchdog: NodeJS.Timeout | undefined
    const reply = await new Promise<Answer | Failure>((resolve) => {
      this.#reply = resolve
      watchdog = setTimeout(() => {
        resolve({ error: `no answer within ${limitMs / 1_000} s` })
        this.stop()
      }, limitMs)
      child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    clearTimeout(watchdog)
    this.#reply = null
    return reply
  }

  /** Ends the process, for another library's turn or for good. */
  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = null
  }

  #start(): ChildProcessWithoutNullStreams {
    this.#errors = ''
    const child = spawn(this.#command, this.#parameters, {
      stdio: 'pipe',
      env: { ...process.env, ...this.#environment },
    })
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.#reply?.(JSON.parse(line) as Answer | Failure),
    )
    child.stderr.on('data', (data) => {
      this.#errors = (this.#errors + String(data)).slice(-2_000)
    })
    const ended = (why: string): void => {
      if (this.#child !== child) return
      this.#child = null
      this.#reply?.({ error: `dies: ${lastError(this.#errors) ?? why}` })
    }
    child.on('error', (error) => ended(error.message))
    child.stdin.on('error', (error) => ended(error.message))
    child.on('close', (code, signal) => ended(`exit code ${code ?? signal}`))
    return child
  }
}

/** The line of a stack trace that says what happened. */
function lastError(text: string): string | undefined {
  return text.split('\n').findLast((line) => /^\w*(Error|panic|fatal)\b.*:/.test(line))
}
