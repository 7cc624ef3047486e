// Go: src/sync/once_test.go TestOnce — ten tasks that ask run it once, and all find it done.
// Go: src/sync/once_test.go TestOncePanic — one that fails is done: the next does not run.
// Go: src/sync/oncefunc_test.go TestOnceFunc — a function of no result runs once.
// Go: src/sync/oncefunc_test.go TestOnceValue — the value of the one run is everybody's.
// Go: src/sync/oncefunc_test.go TestOnceFuncPanic — a failure is everybody's, too, and runs once.
// Go: src/sync/oncefunc_test.go TestOnceValuePanic — the same of a function with a result.
// Go: src/sync/oncefunc_test.go TestOnceFuncPanicNil — a failure without a value is a failure.
import { expect, test } from 'vitest'
import { background, group } from 'chansel'
import { Once, onceValue } from 'chansel/sync'
import { rejectionOf } from '../../support/pending.ts'

test('TestOnce', async () => {
  const once = new Once()
  let runs = 0
  await group(background(), (g) => {
    for (let i = 0; i < 10; i++) {
      void g.go(async () => {
        await once.do(() => void runs++)
        expect(runs).toBe(1)
      })
    }
  })
  expect(runs).toBe(1)
})

test('TestOncePanic', async () => {
  const once = new Once()
  expect(
    await rejectionOf(
      once.do(() => {
        throw 'failed'
      }),
    ),
  ).toBe('failed')
  await once.do(() => expect.fail('ran twice'))
})

test.each([
  ['TestOnceFunc', undefined],
  ['TestOnceValue', 42],
])('%s', async (_, value) => {
  let runs = 0
  const f = onceValue(() => (runs++, value))
  expect(runs).toBe(0)
  expect([await f(), await f()]).toEqual([value, value])
  expect(runs).toBe(1)
})

test.each([
  ['TestOnceFuncPanic', 'x'],
  ['TestOnceValuePanic', new Error('x')],
  ['TestOnceFuncPanicNil', null],
])('%s', async (_, error) => {
  let runs = 0
  const f = onceValue(() => {
    runs++
    throw error
  })
  for (let i = 0; i < 2; i++) expect(await rejectionOf(f())).toBe(error)
  expect(runs).toBe(1)
})
