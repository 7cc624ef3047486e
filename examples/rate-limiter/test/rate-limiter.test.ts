import { expect, test } from 'vitest'
import { background, isCanceled, withCancel } from 'chansel'
import { permits } from '../src/main.ts'

test('gives a burst at once, then waits for the ticks, until its context ends', async () => {
  using ctx = withCancel(background())
  const start = performance.now()
  const limit = permits(3, 20, ctx)
  for (let i = 0; i < 3; i++) expect(limit.tryReceive()).toEqual({ value: undefined, ok: true })
  expect(limit.tryReceive()).toBeUndefined()
  for (let i = 0; i < 2; i++) await limit.receive()
  expect(performance.now() - start).toBeGreaterThanOrEqual(40)
  ctx.cancel()
  await expect(limit.receive()).rejects.toSatisfy(isCanceled)
})
