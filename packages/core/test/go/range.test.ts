// Go: test/range.go — of it the part about channels: a range gives every value until the channel is closed,
//   and the channel is computed once.

import { expect, test } from 'vitest'
import { type ReceiveChannel, channel } from 'chansel'
import { expectNothingLeft, expectPending } from '../support/pending.ts'
import { type Go, program } from './support/program.ts'

expectNothingLeft()

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz'

function letters(go: Go): ReceiveChannel<string> {
  const ch = channel<string>()
  go(async () => {
    for (const letter of ALPHABET) await ch.send(letter)
    ch.close()
  })
  return ch
}

test('C20 a range gives every value in order and ends with the channel', () =>
  program(async (go) => {
    let text = ''
    for await (const letter of letters(go)) text += letter
    expect(text).toBe(ALPHABET)
  }))

test('C20 the channel is computed once', () =>
  program(async (go) => {
    let computed = 0
    let values = 0
    const compute = () => {
      computed++
      return letters(go)
    }
    for await (const _ of compute()) values++
    expect([computed, values]).toEqual([1, 26])
  }))

test('C20 a range that is left early takes no value more, and another one goes on', () =>
  program(async (go) => {
    const ch = letters(go)
    let text = ''
    for await (const letter of ch) {
      text += letter
      if (letter === 'm') break
    }
    text += '|'
    for await (const letter of ch) text += letter
    expect(text).toBe('abcdefghijklm|nopqrstuvwxyz')
  }))

test('C20 two ranges share the values of one channel', () =>
  program(async (go) => {
    const ch = letters(go)
    const seen: string[] = []
    const range = async () => {
      for await (const letter of ch) seen.push(letter)
    }
    await Promise.all([range(), range()])
    expect(seen.join('')).toBe(ALPHABET)
  }))

test('C20 a range waits while nothing is sent and nobody closes', async () => {
  const ch = channel<number>()
  const sum = (async () => {
    let total = 0
    for await (const value of ch) total += value
    return total
  })()
  await ch.send(1)
  await expectPending(sum)
  await ch.send(2)
  ch.close()
  expect(await sum).toBe(3)
})
