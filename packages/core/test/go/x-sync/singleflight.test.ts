// Go: x/sync/singleflight/singleflight_test.go TestDo — the value of the function comes back.
// Go: x/sync/singleflight/singleflight_test.go TestDoErr — so does its error.
// Go: x/sync/singleflight/singleflight_test.go TestDoDupSuppress — ten who ask while it runs share one run.
// Go: x/sync/singleflight/singleflight_test.go TestForget — after a forget who asks gets the newer call, also when the
//   old one has ended.
// Go: x/sync/singleflight/singleflight_test.go TestPanicDo — a failure reaches all five who asked.
import { expect, test } from 'vitest'
import { channel } from 'chansel'
import { SingleFlight } from 'chansel/sync'
import { rejectionOf } from '../../support/pending.ts'

test('TestDo', async () => {
  expect((await new SingleFlight<string, string>().do('key', () => 'bar')).value).toBe('bar')
})

test('TestDoErr', async () => {
  const someError = new Error('some error')
  const flights = new SingleFlight<string, string>()
  expect(await rejectionOf(flights.do('key', () => Promise.reject(someError)))).toBe(someError)
})

test('TestDoDupSuppress', async () => {
  const flights = new SingleFlight<string, string>()
  const answers = channel<string>(1)
  let calls = 0
  const ask = async () => {
    calls++
    return (await answers.receive()).value!
  }
  const all = Array.from({ length: 10 }, () => flights.do('key', ask))
  await answers.send('bar')
  expect((await Promise.all(all)).map(({ value }) => value)).toEqual(all.map(() => 'bar'))
  expect(calls).toBe(1)
})

test('TestForget', async () => {
  const flights = new SingleFlight<string, number>()
  const [unblockFirst, unblockSecond] = [channel<void>(), channel<void>()]
  const first = flights.do('key', async () => (await unblockFirst.receive(), 1))
  flights.forget('key')
  const second = flights.do('key', async () => (await unblockSecond.receive(), 2))
  unblockFirst.close()
  await first
  const third = flights.do('key', () => 3)
  unblockSecond.close()
  await second
  expect((await third).value).toBe(2)
})

test('TestPanicDo', async () => {
  const flights = new SingleFlight<string, number>()
  const fail = () => {
    throw new TypeError('invalid')
  }
  const failures = await Promise.all(Array.from({ length: 5 }, () => rejectionOf(flights.do('key', fail))))
  expect(new Set(failures).size).toBe(1)
  expect(failures[0]).toBeInstanceOf(TypeError)
})
