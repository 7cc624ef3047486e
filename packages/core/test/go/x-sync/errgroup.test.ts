// Go: x/sync/errgroup/errgroup_test.go ExampleGroup_justErrors — a group in place of a wait group.
// Go: x/sync/errgroup/errgroup_test.go ExampleGroup_parallel — parallel searches, their results in order.
// Go: x/sync/errgroup/errgroup_test.go TestZeroGroup — the first error stays the result, whatever follows.
// Go: x/sync/errgroup/errgroup_test.go TestWithContext — the context is cancelled at the end, with an error or without.
// Go: x/sync/errgroup/errgroup_test.go TestTryGo — full at its limit, free when tasks have ended; a limit of 0 is
//   refused here.
// Go: x/sync/errgroup/errgroup_test.go TestGoLimit — ten at a time of a thousand.
// Go: x/sync/errgroup/errgroup_test.go TestCancelCause — the cause of the context is the first error, or its cancel.
import { expect, test } from 'vitest'
import { type Context, background, channel, group, yieldNow } from 'chansel'

const error1 = new Error('1')
const error2 = new Error('2')

test('ExampleGroup_justErrors', async () => {
  const fetched: string[] = []
  await group(background(), (g) => {
    for (const url of ['a', 'b', 'c']) void g.go(async () => void fetched.push(url))
  })
  expect(fetched).toEqual(['a', 'b', 'c'])
})

test('ExampleGroup_parallel', async () => {
  const search = (kind: string) => async (query: string) => `${kind} result for ${query}`
  const searches = ['web', 'image', 'video'].map(search)
  const results = await group(background(), (g) =>
    Promise.all(searches.map((find) => g.go(() => find('golang')))),
  )
  expect(results).toEqual(['web result for golang', 'image result for golang', 'video result for golang'])
})

test.each([[[]], [[null]], [[error1]], [[error1, null]], [[error1, null, error2]]])(
  'TestZeroGroup: %j',
  async (errors: (Error | null)[]) => {
    const settled = group(background(), async (g) => {
      for (const error of errors) await g.go(() => error && Promise.reject(error)).catch(() => {})
      return null
    })
    expect(await settled.catch((error: unknown) => error)).toBe(
      errors.find((error) => error !== null) ?? null,
    )
  },
)

test.each([[[]], [[null]], [[error1]], [[error1, null]]])(
  'TestWithContext and TestCancelCause: %j',
  async (errors: (Error | null)[]) => {
    let ctx!: Context
    const settled = group(background(), (g) => {
      ctx = g.ctx
      for (const error of errors) void g.tryGo(() => error && Promise.reject(error))
      return null
    })
    const expected = errors[0] ?? null
    expect(await settled.catch((error: unknown) => error)).toBe(expected)
    expect(await ctx.done.receive()).toEqual({ value: undefined, ok: false })
    expect(ctx.cause).toBe(expected ?? ctx.err)
  },
)

test('TestTryGo', async () => {
  const limit = 42
  const ch = channel<void>()
  const wait = () => ch.send()
  await group(
    background(),
    async (g) => {
      const tasks = Array.from({ length: limit }, () => g.tryGo(wait)!)
      expect(g.tryGo(wait)).toBeUndefined()
      for (let i = 0; i < limit; i++) await ch.receive()
      await Promise.all(tasks)
      const last = g.tryGo(wait)!
      await ch.receive()
      await last
    },
    { limit },
  )
  expect(() => group(background(), () => {}, { limit: 0 })).toThrow(RangeError)
})

test('TestGoLimit', async () => {
  const limit = 10
  let active = 0
  await group(
    background(),
    (g) => {
      for (let i = 0; i <= 1 << 10; i++) {
        void g.go(async () => {
          expect(++active).toBeLessThanOrEqual(limit)
          await yieldNow()
          active--
        })
      }
    },
    { limit },
  )
})
