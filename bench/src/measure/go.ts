import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Builds the program in Go, for as long as this process lives, and gives its path; `null` where there is no `go`, or,
 * with an environment that says where libraries are, where they are not.
 */
export function buildGo(sources: string, libraries?: { readonly [name: string]: string }): string | null {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
  } catch {
    return null
  }
  const folder = mkdtempSync(join(tmpdir(), 'chansel-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'loads')
  try {
    execFileSync('go', ['build', '-o', program, '.'], {
      cwd: sources,
      env: { ...process.env, ...libraries },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  } catch (error) {
    if (libraries === undefined) throw error
    return null
  }
  return program
}
