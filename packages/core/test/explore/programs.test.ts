// The engine under every order, or all with a few departures: small programs, most of them Go's own with one or two
// values. Programs of locks, groups and pipelines go into files beside `programs.ts`.

import { describe, expect, test } from 'vitest'
import { explore } from 'chansel/testing'
import { type SmallProgram, ofChannels, ofContexts, ofPatterns } from './programs.ts'

async function holds({ body, search, outcomes }: SmallProgram): Promise<void> {
  const found = await explore(body, search)
  expect(found.complete, `${found.runs} runs`).toBe(true)
  if (outcomes !== undefined) expect([...found.outcomes].sort()).toEqual([...outcomes].sort())
}

describe('R8 channels', () => {
  test.each(ofChannels)('$name', holds)
})
describe('contexts and time', () => {
  test.each(ofContexts)('$name', holds)
})
describe('patterns', () => {
  test.each(ofPatterns)('$name', holds)
})
