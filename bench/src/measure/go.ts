import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Builds the program in Go, for as long as this process lives, and gives its path; `null` where there is no `go`. */
export function buildGo(sources: string): string | null {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
  } catch {
    return null
  }
  const folder = mkdtempSync(join(tmpdir(), 'chansel-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'loads')
  execFileSync('go', ['build', '-o', program, '.'], { cwd: sources, stdio: ['ignore', 'inherit', 'inherit'] })
  return program
}
