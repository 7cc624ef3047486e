// Go: test/chan/doubleselect.go — of a select that sends one value to one of four channels exactly one case
//   happens: every value arrives, once.

import { expect, test } from 'vitest'
import { channel, select, sendCase } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('each value that a select offers to four channels arrives through one of them', () =>
  program(async (go) => {
    const values = 20_000
    const outlets = Array.from({ length: 4 }, () => channel<number>())
    const merged = channel<number>()
    const finished = channel<boolean>()

    go(async () => {
      for (let value = 0; value < values; value++) {
        await select(outlets.map((outlet) => sendCase(outlet, value)))
      }
      for (const outlet of outlets) outlet.close()
    })
    for (const outlet of outlets) {
      go(async () => {
        for await (const value of outlet) await merged.send(value)
        await finished.send(true)
      })
    }
    go(async () => {
      for (const _ of outlets) await finished.receive()
      merged.close()
    })

    const seen = new Set<number>()
    for await (const value of merged) {
      expect(seen.has(value), `${value} arrives twice`).toBe(false)
      seen.add(value)
    }
    expect(seen.size).toBe(values)
  }))
