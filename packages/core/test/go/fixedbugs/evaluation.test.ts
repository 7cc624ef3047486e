// Go: test/fixedbugs/bug347.go — an error in a case of a select leads to the line of the select.
// Go: test/fixedbugs/issue8336.go — a case that cannot be evaluated stops the select before the cases after
//   it.
// Go: test/fixedbugs/issue43111.go — a case that closes or replaces the channel of an earlier one while it is
//   evaluated does not change which channel that is.

import { describe, expect, test } from 'vitest'
import { type Channel, channel, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, thrownBy } from '../../support/pending.ts'

expectNothingLeft()

test('bug347: the error of a case that is none names the line of its select', () => {
  const none = 7 as unknown as null
  const error = thrownBy(() => select({ quiet: channel<number>(), none })) as Error
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toContain('none')
  expect(error.stack).toContain('evaluation.test.ts')
})

describe('issue8336: S14 a case that cannot be evaluated', () => {
  const nothing = undefined as unknown as { ch: Channel<number> }

  test('stops a select before the cases after it', () => {
    const evaluated: string[] = []
    const ready = channel<number>(1)
    ready.trySend(1)
    const cases = {
      get first() {
        evaluated.push('first')
        return ready
      },
      get second() {
        evaluated.push('second')
        return nothing.ch
      },
      get third() {
        evaluated.push('third')
        return sendCase(channel<number>(1), 1)
      },
    }
    expect(thrownBy(() => select(cases))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => trySelect(cases))).toBeInstanceOf(TypeError)
    expect(evaluated).toEqual(['first', 'second', 'first', 'second'])
    expect(ready.tryReceive(), 'what was ready was not touched').toEqual({ value: 1, ok: true })
  })

  test('leaves nobody in the queues of the cases before it', () => {
    const quiet = channel<number>()
    expect(thrownBy(() => select([quiet, 7 as unknown as null]))).toBeInstanceOf(TypeError)
    expect(quiet.trySend(1)).toBe(false)
  })
})

describe('issue43111: S13 the channel of a case is the one at its evaluation', () => {
  // The select evaluates getters itself, so they run while it does.
  test('which a later case closes and takes away: the select ends with it', async () => {
    let ch: Channel<number> | null = channel<number>()
    const event = await select({
      get received() {
        return ch
      },
      get sent() {
        ch?.close()
        ch = null
        return null
      },
    })
    expect(event).toEqual({ case: 'received', value: undefined, ok: false })
    expect(ch).toBeNull()
  })

  test('which a later case takes away together with the value: both are sent as they were', async () => {
    const first = channel<number>(1)
    let ch: Channel<number> | null = first
    let x = 42
    const event = await select({
      get sent() {
        return ch && sendCase(ch, x)
      },
      get nil() {
        ch = null
        x = 0
        return null
      },
    })
    expect(event).toEqual({ case: 'sent' })
    expect(first.tryReceive()).toEqual({ value: 42, ok: true })
  })

  test('which a later argument closes: the select ends with it', async () => {
    const ch = channel<number>()
    const closing = () => {
      ch.close()
      return null
    }
    expect(await select([ch, closing()])).toEqual({ case: 0, value: undefined, ok: false })
  })
})
