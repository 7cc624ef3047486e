import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const compiler = `${root}node_modules/typescript/bin/tsc`

/** Stands in a program before the word that the mouse is on. */
export const MOUSE = '/*?*/'

/**
 * The compiler as an editor has it: it is asked what it would show under the mouse.
 *
 * Source: Language Server Protocol 3.17, "Base Protocol", "Hover Request".
 */
export class LanguageServer {
  readonly #process: ChildProcess = spawn(process.execPath, [compiler, '--lsp', '--stdio'], { cwd: root })
  readonly #answers = new Map<number, (message: Message) => void>()
  #received = Buffer.alloc(0)
  #requests = 0
  // One file that is edited: a new one makes the compiler look at the whole project anew. It is not on disk, but stands
  // in the folder of the tests, and sees what they see.
  readonly #uri = new URL('hovered.ts', import.meta.url).href
  #version = 0

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer()
    server.#process.stdout!.on('data', (chunk: Buffer) => server.#read(chunk))
    const hover = { contentFormat: ['plaintext'] }
    await server.#ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      capabilities: { textDocument: { hover } },
    })
    server.#send({ method: 'initialized', params: {} })
    return server
  }

  /** The types that a program shows under the mouse, in lines as the compiler breaks them, without the docstring. */
  async hover(program: string): Promise<string> {
    const at = program.indexOf(MOUSE)
    if (at < 0) throw new Error(`Cannot hover a program: no ${MOUSE} in it`)
    const before = program.slice(0, at).split('\n')
    const uri = this.#uri
    const version = this.#version++
    const text = program.replace(MOUSE, '')
    if (version === 0) {
      const textDocument = { uri, languageId: 'typescript', version, text }
      this.#send({ method: 'textDocument/didOpen', params: { textDocument } })
    } else {
      const params = { textDocument: { uri, version }, contentChanges: [{ text }] }
      this.#send({ method: 'textDocument/didChange', params })
    }
    const position = { line: before.length - 1, character: before.at(-1)!.length }
    const { result } = await this.#ask('textDocument/hover', { textDocument: { uri }, position })
    if (result === null) throw new Error(`Cannot hover a program: nothing under the mouse in ${program}`)
    return (result as { contents: { value: string } }).contents.value
  }

  async stop(): Promise<void> {
    await this.#ask('shutdown')
    const isOver = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#send({ method: 'exit' })
    await isOver
  }

  #ask(method: string, params?: unknown): Promise<Message> {
    const id = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (message) =>
        message.error === undefined
          ? resolve(message)
          : reject(new Error(`${method}: ${message.error.message}`)),
      )
      this.#send({ id, method, params })
    })
  }

  #send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#process.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/.exec(this.#received.toString('latin1', 0, end))![1])
      const body = this.#received.subarray(end + 4, end + 4 + length)
      if (body.length < length) return
      this.#received = this.#received.subarray(end + 4 + length)
      this.#handle(JSON.parse(body.toString('utf8')) as Message)
    }
  }

  #handle(message: Message): void {
    if (message.id === undefined) return
    // What the server asks, such as for settings, has the answer of an editor that has none.
    if (message.method !== undefined) this.#send({ id: message.id, result: null })
    else this.#answers.get(message.id)?.(message)
  }
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}
