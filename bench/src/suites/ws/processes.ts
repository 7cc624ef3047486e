import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildGo } from '../../measure/go.ts'
import { Peer } from '../../measure/peer.ts'
import type { GeneratorAnswer, GeneratorRequest, ServerAnswer, ServerRequest } from './protocol.ts'

/** What runs the servers that are not Node's, if it is installed. */
export interface Programs {
  /** The folder of the bundles. */
  readonly modules: string
  readonly go: string | null
  readonly bun: string | null
}

/** Where Debian puts the sources of Go's libraries; elsewhere GOPATH says it. */
const GO_LIBRARIES = '/usr/share/gocode'

/** The one that `npm run test:runtimes` uses. */
const OWN_BUN = '../../runtimes/node_modules/@oven/bun-linux-x64/bin/bun'

/** @param sources the folder of the server in Go */
export function findPrograms(modules: string, sources: string): Programs {
  const path = [process.env['GOPATH'], GO_LIBRARIES].filter(Boolean).join(':')
  // Without modules, nothing is fetched: gorilla is taken from where it is installed.
  return { modules, go: buildGo(sources, { GO111MODULE: 'off', GOPATH: path }), bun: findBun(modules) }
}

function findBun(modules: string): string | null {
  const places = [process.env['BUN_PATH'] ?? 'bun', join(modules, OWN_BUN)]
  return places.find(runs) ?? null
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export class Server extends Peer<ServerRequest, ServerAnswer> {
  /** @returns why not, where the library's server cannot be started here */
  static of({ modules, go, bun }: Programs, library: string): Server | string {
    if (library === 'gorilla') {
      return go === null
        ? 'Go or its gorilla/websocket is not installed'
        : new Server(go, [], { GOMAXPROCS: '1' })
    }
    if (library === 'bun') {
      return bun === null ? 'Bun is not installed' : new Server(bun, [join(modules, 'ws/serve-bun.js')])
    }
    const [name, hasBufferUtil] = library.split('+')
    const parameters = ['--expose-gc', join(modules, 'ws/serve.js'), join(modules, `ws/servers/${name}.js`)]
    return new Server(
      process.execPath,
      parameters,
      hasBufferUtil === undefined ? { WS_NO_BUFFER_UTIL: '1' } : {},
    )
  }
}

export class Generator extends Peer<GeneratorRequest, GeneratorAnswer> {
  constructor({ modules }: Programs) {
    super(process.execPath, [join(modules, 'ws/generate.js')])
  }
}

/** The dialect that the generator speaks to a library. */
export function dialectOf(library: string): string {
  return library === 'socket-io' ? 'socket-io' : 'plain'
}
