import type { ConnectionOptions } from '@chansel/ws'
import { describe, expect, test } from 'vitest'
import { describeArguments } from './conformance/arguments.ts'
import { describeBackpressure } from './conformance/backpressure.ts'
import { describeClosing } from './conformance/closing.ts'
import { describeLifetime } from './conformance/lifetime.ts'
import { describeMessages } from './conformance/messages.ts'
import type { Ends, Suite } from './conformance/suite.ts'
import type { Script } from './support/peer.ts'

/** A way to get a connection. */
export interface TestedTransport {
  readonly name: string
  /** Connects with a peer that does as `script` says. What it opens it closes when the test is over. */
  connect(script: Script, options?: ConnectionOptions): Promise<Ends>
  /** The close code that reaches the peer for one of ours: the same, but in a page. */
  wireCode?(code: number): number
  /** Tests that cannot apply, by their names, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** What every transport has to do, as tests. */
export function describeTransport(transport: TestedTransport): void {
  const { name, connect, wireCode = (code) => code, skip = {} } = transport
  const names = new Set<string>()
  const suite: Suite = { it, connect, wireCode }

  function it(title: string, body: () => Promise<void>, timeoutMs?: number): void {
    names.add(title)
    const reason = skip[title]
    test(title, reason === undefined ? body : (context) => context.skip(reason), timeoutMs)
  }

  describe(name, () => {
    describe('messages', () => describeMessages(suite))
    describe('backpressure', () => describeBackpressure(suite))
    describe('the end', () => describeClosing(suite))
    describe('lifetime', () => describeLifetime(suite))
    describe('arguments', () => describeArguments(suite))

    test('what is skipped are tests of this suite', () => {
      expect(Object.keys(skip).filter((title) => !names.has(title))).toEqual([])
    })
  })
}
