import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type as system } from 'node:os'

/** Where and on what the figures were measured: without it they say nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly v8: string
  readonly go: string | null
  readonly commit: string
  readonly date: string
}

export function describeMachine(root: string): Machine {
  const changes = output(
    root,
    'git',
    '--no-optional-locks',
    'status',
    '--porcelain',
    '--',
    'packages/core/src',
    'packages/ws/src',
    'bench',
  )
  const commit = output(root, 'git', 'rev-parse', '--short=12', 'HEAD') ?? 'unknown'
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    go: /go(\d[\w.]*)/.exec(output(root, 'go', 'version') ?? '')?.[1] ?? null,
    commit: changes ? `${commit} and changes` : commit,
    date: new Date().toISOString().slice(0, 10),
  }
}

function output(folder: string, command: string, ...parameters: string[]): string | null {
  try {
    return execFileSync(command, parameters, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
