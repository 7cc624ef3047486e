// The engine under every order, or all with a few departures: small programs, most of them Go's own with one or two
// values.

import { describe, expect, test } from 'vitest'
import { explore } from 'chansel/testing'
import { ofHandOvers } from './hand-over.ts'
import { ofSelectors } from './selectors.ts'
import { ofGroups, ofLocks, ofPipelines } from './tasks.ts'
import { type SmallProgram, ofChannels, ofContexts, ofPatterns } from './programs.ts'

async function holds({ body, search, outcomes }: SmallProgram): Promise<void> {
  const found = await explore(body, search)
  expect(found.complete, `${found.runs} runs`).toBe(true)
  if (outcomes !== undefined) expect([...found.outcomes].sort()).toEqual([...outcomes].sort())
}

describe('R8 channels', () => {
  test.each(ofChannels)('$name', holds)
})
describe('selectors', () => {
  test.each(ofSelectors)('$name', holds)
})
describe('contexts and time', () => {
  test.each(ofContexts)('$name', holds)
})
describe('patterns', () => {
  test.each(ofPatterns)('$name', holds)
})
describe('locks', () => {
  test.each(ofLocks)('$name', holds)
})
describe('hand-overs', () => {
  test.each(ofHandOvers)('$name', holds)
})
describe('groups', () => {
  test.each(ofGroups)('$name', holds)
})
describe('pipelines', () => {
  test.each(ofPipelines)('$name', holds)
})
