import { type Cancel, type Context, background, sleep, withCancel, withTimeout } from 'chansel'

export function makeTree(timeoutMs: number, parent: Cancel = background()) {
  const server = withCancel(parent)
  const request = withTimeout(server, timeoutMs)
  const query = withCancel(request)
  const render = withCancel(request)
  const upload = withCancel(server)
  return { server, request, query, render, upload }
}

export async function task(ctx: Context, beat: () => void) {
  for (;;) {
    await sleep(250, ctx) // rejects once ctx, or any context above it, is cancelled
    beat()
  }
}
