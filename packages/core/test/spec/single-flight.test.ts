import { describe, expect, test } from 'vitest'
import { background, channel, withCancel } from 'chansel'
import { SingleFlight } from 'chansel/sync'
import { isCollected } from '../support/gc.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

const boom = new Error('boom')

test('M21 one call for each key, one value for all, shared for all or none', async () => {
  const flights = new SingleFlight<string, number>()
  const gate = channel<void>()
  let calls = 0
  const slow = async () => {
    calls++
    await gate.receive()
    return calls
  }
  const waits = [flights.do('a', slow), flights.do('a', slow), flights.do('a', slow)]
  await expectPending(...waits)
  expect(calls).toBe(1)
  expect(await flights.do('b', () => 7)).toEqual({ value: 7, shared: false })
  await gate.send()
  expect(await Promise.all(waits)).toEqual(waits.map(() => ({ value: 1, shared: true })))
})

test('M21 one after the other are calls of their own', async () => {
  const flights = new SingleFlight<string, number>()
  let calls = 0
  expect(await flights.do('a', () => ++calls)).toEqual({ value: 1, shared: false })
  expect(await flights.do('a', () => ++calls)).toEqual({ value: 2, shared: false })
})

test('R1 J12 the function does not run inside the call', async () => {
  let hasRun = false
  const wait = new SingleFlight<string, void>().do('a', () => void (hasRun = true))
  expect(hasRun).toBe(false)
  await wait
})

describe('M22 forget', () => {
  test('the next call starts anew, and the end of the old one leaves it alone', async () => {
    const flights = new SingleFlight<string, number>()
    const [first, second] = [channel<void>(), channel<void>()]
    const one = flights.do('key', async () => (await first.receive(), 1))
    flights.forget('key')
    const two = flights.do('key', async () => (await second.receive(), 2))
    await first.send()
    expect(await one).toEqual({ value: 1, shared: false })
    const three = flights.do('key', () => 3)
    await second.send()
    expect(await two).toEqual({ value: 2, shared: true })
    expect(await three).toEqual({ value: 2, shared: true })
  })

  test('of what does not fly does nothing', () => {
    new SingleFlight<string, number>().forget('key')
  })
})

test.each([
  [
    'throws',
    () => {
      throw boom
    },
  ],
  ['rejects', () => Promise.reject(boom)],
])('M23 one that %s reaches everybody', async (_, fail) => {
  const flights = new SingleFlight<string, number>()
  const waits = Array.from({ length: 5 }, () => rejectionOf(flights.do('key', fail)))
  expect(await Promise.all(waits)).toEqual(waits.map(() => boom))
})

describe('M24 who cancels', () => {
  test('stops waiting; the call goes on for the others', async () => {
    const flights = new SingleFlight<string, number>()
    const gate = channel<number>()
    const ctx = withCancel(background())
    const first = flights.do('key', async () => (await gate.receive()).value!, ctx)
    const second = flights.do('key', () => 0)
    ctx.cancel()
    expect(await rejectionOf(first)).toBe(ctx.err)
    await gate.send(7)
    expect(await second).toEqual({ value: 7, shared: true })
  })

  test('and was the last drops the outcome', async () => {
    const flights = new SingleFlight<string, number>()
    const gate = channel<void>()
    const ctx = withCancel(background())
    const fail = async () => {
      await gate.receive()
      throw boom
    }
    const wait = flights.do('key', fail, ctx)
    ctx.cancel()
    await rejectionOf(wait)
    await gate.send()
    await settle()
    expect(await flights.do('key', () => 1)).toEqual({ value: 1, shared: false })
  })

  test('M16 J9 before starts no call', async () => {
    const ctx = canceled()
    const flights = new SingleFlight<string, number>()
    let calls = 0
    expect(await rejectionOf(flights.do('key', () => ++calls, ctx))).toBe(ctx.err)
    await settle()
    expect(calls).toBe(0)
  })
})

test('M25 keys are let go of when their call ends', async () => {
  const flights = new SingleFlight<object, number>()
  const ref = await (async () => {
    const key = {}
    await flights.do(key, () => 1)
    return new WeakRef(key)
  })()
  expect(await flights.do({}, () => 2)).toEqual({ value: 2, shared: false })
  expect(await isCollected(ref)).toBe(true)
})

test('M25 who hears of the end and asks again starts a new call', async () => {
  const flights = new SingleFlight<string, number>()
  let calls = 0
  const again = await flights.do('key', () => ++calls).then(() => flights.do('key', () => ++calls))
  expect(again).toEqual({ value: 2, shared: false })
})

test('M10 a function that asks for its own key gets an error', async () => {
  const flights = new SingleFlight<string, unknown>()
  const error = await rejectionOf(flights.do('key', () => flights.do('key', () => 1)))
  expect(error).toMatchObject({ message: 'Cannot wait for a call: this is the function that is called' })
  expect(() => flights.do('key', 1 as never)).toThrow(TypeError)
})
