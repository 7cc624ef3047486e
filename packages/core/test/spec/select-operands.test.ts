import { describe, expect, test } from 'vitest'
import { type Channel, channel, receiveOnly, select, sendCase, sendOnly, trySelect } from 'chansel'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const full = <T>(...values: T[]): Channel<T> => {
  const ch = channel<T>(values.length)
  for (const value of values) ch.trySend(value)
  return ch
}

describe('operands', () => {
  test('S13 J11 operands of all cases are evaluated exactly once, in source order, on entry', async () => {
    const log: string[] = []
    const note = <T>(name: string, operand: T): T => {
      log.push(name)
      return operand
    }
    const one = channel<number>(1)
    const two = full('x')
    const chosen = trySelect([
      sendCase(note('ch1', one), note('v1', 1)),
      note('ch2', null) && sendCase(one, note('never', 2)),
      note('ch3', two),
      sendCase(note('ch4', channel<number>()), note('v4', 4)),
    ])
    expect(chosen).toBeDefined()
    expect(log).toEqual(['ch1', 'v1', 'ch2', 'ch3', 'ch4', 'v4'])
  })

  test('S13 getters of a cases object run once each, in order, before anything is touched', async () => {
    const ch = full(1)
    const log: string[] = []
    const cases = {
      get first() {
        log.push(`first ${ch.length}`)
        return ch
      },
      get second() {
        log.push(`second ${ch.length}`)
        return null
      },
    }
    expect(await select(cases)).toEqual({ case: 'first', value: 1, ok: true })
    expect(log).toEqual(['first 1', 'second 1'])
  })

  test('S13 J9 a cancel that the getter of a case fires wins', async () => {
    const controller = new AbortController()
    const cases = {
      get inbox() {
        controller.abort('enough')
        return full(1)
      },
    }
    expect(await rejectionOf(select(cases, controller))).toBe('enough')
  })

  test('S14 an operand that throws leaves every channel untouched and later operands unevaluated', () => {
    const ch = full(1)
    let evaluated = 0
    const cases = () => [ch, sendCase(channel<number>(1), fail()), (evaluated++, ch)]
    expect(() => trySelect(cases())).toThrow('operand')
    expect(evaluated).toBe(0)
    const object = {
      ch,
      get broken(): null {
        return fail()
      },
    }
    expect(() => select(object)).toThrow('operand')
    expect(ch.length).toBe(1)
  })

  function fail(): never {
    throw new Error('operand')
  }

  test('api: a case object can be reused and shared between selects', async () => {
    const ch = channel<number>()
    const shared = sendCase(ch, 7)
    const selects = [select([shared]), select({ a: shared, b: shared }), select([shared, shared])]
    for (let i = 0; i < 3; i++) expect(ch.tryReceive()).toEqual({ value: 7, ok: true })
    await Promise.all(selects)
    const received = ch.receive()
    expect(trySelect([shared])).toEqual({ case: 0 })
    expect(await received).toEqual({ value: 7, ok: true })
    expect(ch.tryReceive()).toBeUndefined()
  })

  test.each([
    ['a promise', Promise.resolve(1), /promise/],
    ['a thenable', { then: () => {} }, /promise/],
    ['a send-only view', sendOnly(channel()), /sendCase/],
    ['a plain object', {}, /object/],
    ['a number', 1, /1/],
    ['a string', 'inbox', /inbox/],
    ['a function', () => {}, /function/],
    ['true', true, /true/],
    ['an async iterable', { [Symbol.asyncIterator]: () => channel()[Symbol.asyncIterator]() }, /object/],
  ])('api: thrown at once: a case that is %s is a TypeError that names it', (_, wrong, text) => {
    const ch = full(1)
    for (const cases of [[ch, wrong], { ch, wrong }]) {
      expect(() => select(cases as never)).toThrow(TypeError)
      expect(() => trySelect(cases as never)).toThrow(TypeError)
      expect(() => trySelect(cases as never)).toThrow(text)
    }
    expect(ch.length).toBe(1)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a function', () => {}],
    ['a channel', channel()],
    ['a receive-only view', receiveOnly(channel())],
    ['a set', new Set([channel()])],
    ['a promise', Promise.resolve([])],
    ['a send case', sendCase(channel<undefined>(1), undefined)],
  ])('api: thrown at once: cases that are %s are a TypeError', (_, wrong) => {
    expect(() => select(wrong as never)).toThrow(TypeError)
    expect(() => trySelect(wrong as never)).toThrow(TypeError)
  })

  test.each([
    ['nothing', undefined],
    ['a receive-only view', receiveOnly(channel())],
    ['a promise', Promise.resolve()],
  ])('api: thrown at once: a send case to %s is a TypeError', (_, wrong) => {
    expect(() => sendCase(wrong as never, 1)).toThrow(TypeError)
  })
})
