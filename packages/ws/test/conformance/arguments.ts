import { sendCase } from 'chansel'
import { expect } from 'vitest'
import { thrownBy } from '../support/pending.ts'
import type { Suite } from './suite.ts'

const NO_MESSAGES: readonly (readonly [name: string, value: unknown, named: RegExp])[] = [
  ['a number', 42, /42|number/],
  ['undefined', undefined, /undefined/],
  ['null', null, /null/],
  ['true', true, /true|boolean/],
  ['an object', { text: 'hello' }, /object/],
  ['an array of bytes', [1, 2, 3], /array|object/i],
  ['an ArrayBuffer', new ArrayBuffer(1), /ArrayBuffer|object/],
  ['a DataView', new DataView(new ArrayBuffer(1)), /DataView|object/],
  ['a Uint16Array', new Uint16Array(1), /Uint16Array|object/],
  ['a promise', Promise.resolve('later'), /promise|object/i],
]

export function describeArguments({ it, connect }: Suite): void {
  for (const [name, value, named] of NO_MESSAGES) {
    it(`a message that is ${name} throws at once, naming it, and harms nothing`, async () => {
      const { conn, peer } = await connect({ name: 'silent' })
      const errors = [
        thrownBy(() => conn.outgoing.send(value as never)),
        thrownBy(() => conn.outgoing.trySend(value as never)),
        thrownBy(() => sendCase(conn.outgoing, value as never)),
      ]
      expect(errors.map((error) => error instanceof TypeError)).toEqual([true, true, true])
      expect((errors[0] as Error).message).toMatch(named)
      await conn.outgoing.send('after')
      expect(await peer.received(1)).toEqual([{ text: 'after' }])
    })
  }

  for (const [name, cancel] of [
    ['a number', 5],
    ['a bare AbortSignal', new AbortController().signal],
    ['an object without a signal', {}],
  ] as const) {
    it(`a cancel that is ${name} throws at once and harms nothing`, async () => {
      const { conn, peer } = await connect({ name: 'silent' })
      expect(thrownBy(() => conn.incoming.receive(cancel as never))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => conn.outgoing.send('never', cancel as never))).toBeInstanceOf(TypeError)
      await conn.outgoing.send('after')
      expect(await peer.received(1)).toEqual([{ text: 'after' }])
    })
  }
}
