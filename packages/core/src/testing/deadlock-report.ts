import { describe } from '../errors.ts'
import { checkType } from '../internal/check.ts'
import { host, waitingOperations } from './host.ts'
import { reportOn } from './report.ts'

/** Options of `installDeadlockReport`. */
export interface DeadlockReportOptions {
  /** A signal on which the report is written while the program runs on, such as `'SIGUSR2'`; none unless told. */
  signal?: string | undefined
  /** The exit code of a program that ends in a deadlock; 2, as in Go. */
  exitCode?: number | undefined
  /** Where the report goes; standard error. */
  write?: ((report: string) => void) | undefined
}

interface Process {
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
  exit(code: number): void
  exitCode?: number | string | null | undefined
  stderr: { write(text: string): unknown }
}

/**
 * Makes a program that ends in a deadlock say who waited where, and exit with code 2. Without this it ends in silence:
 * when all tasks wait, the event loop has nothing left to do. Returns a function that takes it back; installed twice, it
 * reports once.
 *
 * Only where there is a process (Node, Deno, Bun); elsewhere it does nothing.
 *
 * @throws TypeError for options that are not valid
 * @example
 * import { installDeadlockReport } from 'chansel/testing'
 *
 * const uninstall = installDeadlockReport({ signal: 'SIGUSR2' }) // kill -USR2 asks a program that hangs
 * uninstall()
 */
export function installDeadlockReport(options: DeadlockReportOptions = {}): () => void {
  checkType('install the deadlock report: options', options, 'object')
  const { signal, exitCode = 2, write } = options
  if (signal !== undefined && (typeof signal !== 'string' || !signal.startsWith('SIG'))) {
    throw new TypeError(`Cannot install the deadlock report: not a signal: ${describe(signal)}`)
  }
  if (!Number.isInteger(exitCode)) {
    throw new TypeError(`Cannot install the deadlock report: not an exit code: ${describe(exitCode)}`)
  }
  if (write !== undefined) checkType('install the deadlock report: write', write, 'function')
  uninstall?.()
  const { process } = globalThis as { process?: Process }
  if (typeof process?.on !== 'function') return () => {}
  const say = write ?? ((report: string) => void process.stderr.write(report))
  const atEnd = (): void => {
    if (waitingOperations().length === 0) return
    say(`all tasks are asleep - deadlock!\n${report()}\n`)
    // Not by `process.exitCode`: a program that waits at its top level would still end with 13.
    process.exit(exitCode)
  }
  const asked = (): void => {
    const count = waitingOperations().length
    say(`${count} ${count === 1 ? 'operation waits' : 'operations wait'}\n${report()}\n`)
  }
  process.on('beforeExit', atEnd)
  if (signal !== undefined) process.on(signal, asked)
  const takeBack = (): void => {
    process.off('beforeExit', atEnd)
    if (signal !== undefined) process.off(signal, asked)
    if (uninstall === takeBack) uninstall = undefined
  }
  return (uninstall = takeBack)
}

let uninstall: (() => void) | undefined

function report(): string {
  return reportOn(waitingOperations(), host.now()).text
}
