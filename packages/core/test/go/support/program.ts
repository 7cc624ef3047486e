import { type Cancel, background, isCanceled, withCancel } from 'chansel'

/** Starts a task, Go's `go` statement: it runs when its starter next waits. */
export type Go = (task: () => unknown) => void

/**
 * Runs a program as Go does: `main` and the tasks that it starts with `go`. When `main` returns, `exit` is
 * cancelled, which stops the tasks that wait under it; those that do not must end by themselves. The first
 * failure of any of them is the program's, at once. The program has ended when all of them have.
 */
export async function program(main: (go: Go, exit: Cancel) => unknown): Promise<void> {
  const exit = withCancel(background())
  const tasks: Promise<unknown>[] = []
  let fail!: (error: unknown) => void
  const failure = new Promise<never>((_, reject) => (fail = reject))
  const start: Go = (task) => {
    const ended = Promise.resolve()
      .then(task)
      .catch((error: unknown) => {
        if (exit.err === undefined || !isCanceled(error)) fail(error)
      })
    tasks.push(ended)
  }
  try {
    await Promise.race([main(start, exit), failure])
  } finally {
    exit.cancel()
  }
  // A task may start others while it is waited for.
  for (let i = 0; i < tasks.length; i++) await Promise.race([tasks[i], failure])
  await Promise.race([failure, Promise.resolve()])
}

/** Lets the tasks that are ready go first, once: Go's `runtime.Gosched`. */
export function letOthersRun(): Promise<void> {
  return Promise.resolve()
}
