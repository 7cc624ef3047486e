// Go: test/ken/chan1.go — a thousand values to ten receivers over a small buffer: each is received once,
//   after it was sent.

import { expect, test } from 'vitest'
import { channel, select } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('each of a thousand values is received once, after it was sent', () =>
  program(async (go) => {
    const values = 1_000
    const state: ('sent' | 'received')[] = []
    const ch = channel<number>(2)
    for (let receiver = 0; receiver < 10; receiver++) {
      go(async () => {
        for (;;) {
          const event = await select({ ch })
          if (!event.ok) return
          expect(state[event.value], `${event.value}`).toBe('sent')
          state[event.value] = 'received'
        }
      })
    }
    go(async () => {
      for (let value = 0; value < values; value++) {
        state[value] = 'sent'
        await ch.send(value)
      }
      ch.close()
    })
    // The last one to learn of the end shows that all are done.
    for await (const value of ch) state[value] = 'received'
    expect(state).toEqual(Array.from({ length: values }, () => 'received'))
  }))
