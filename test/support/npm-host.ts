import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What npm sends to publish a version. */
interface Publication {
  readonly name: string
  readonly access: string
  readonly versions: { readonly [version: string]: object }
  readonly _attachments: { readonly [file: string]: { readonly data: string } }
}

/** As much of a package registry as npm needs to publish and to install: it has what was published, and nothing else. */
export class NpmHost implements AsyncDisposable {
  /** Each publication, as `name version access`. */
  readonly published: string[] = []
  readonly #versions = new Map<string, Record<string, object>>()
  readonly #files = new Map<string, Buffer>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  static async start(): Promise<NpmHost> {
    const host = new NpmHost()
    host.#server.listen(0, '127.0.0.1')
    await once(host.#server, 'listening')
    return host
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname.slice(1))
    if (request.method === 'PUT') {
      this.#publish((await json(request)) as Publication)
      response.writeHead(201).end('{}')
      return
    }
    const file = this.#files.get(path)
    if (file !== undefined) return void response.end(file)
    const versions = this.#versions.get(path)
    if (versions === undefined) return void response.writeHead(404).end('{}')
    const latest = Object.keys(versions).at(-1)
    response.end(JSON.stringify({ name: path, 'dist-tags': { latest }, versions }))
  }

  #publish({ name, access, versions, _attachments: files }: Publication): void {
    this.#versions.set(name, { ...this.#versions.get(name), ...versions })
    for (const version of Object.keys(versions)) this.published.push(`${name} ${version} ${access}`)
    for (const [file, { data }] of Object.entries(files)) {
      this.#files.set(`${name}/-/${file}`, Buffer.from(data, 'base64'))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
