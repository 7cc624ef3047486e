import { expect, test } from 'vitest'
import { background, channel, isCanceled, withCancel } from 'chansel'
import { Cache } from '../src/main.ts'

test('a thousand who ask at once load once', async () => {
  const gate = channel<void>()
  let loads = 0
  const cache = new Cache(async (key: string) => {
    loads++
    await gate.receive()
    return key.toUpperCase()
  })
  const answers = Promise.all(Array.from({ length: 1_000 }, () => cache.get('gopher')))
  await gate.send()
  expect(new Set(await answers)).toEqual(new Set(['GOPHER']))
  expect(await cache.get('gopher')).toBe('GOPHER')
  expect(loads).toBe(1)
})

test('keys are loaded side by side, an undefined value is a value', async () => {
  let loads = 0
  const cache = new Cache<string, void>(async () => void loads++)
  await Promise.all(['a', 'b', 'a'].map((key) => cache.get(key)))
  await cache.get('a')
  expect(loads).toBe(2)
})

test('a failure reaches all who wait, and the next tries again', async () => {
  let loads = 0
  const cache = new Cache(async (key: string) => {
    if (loads++ === 0) throw new Error('away')
    return key
  })
  const failures = await Promise.allSettled([cache.get('a'), cache.get('a')])
  expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await cache.get('a')).toBe('a')
})

test('who stops waiting does not stop the load', async () => {
  const gate = channel<string>()
  const cache = new Cache<string, string>(async () => (await gate.receive()).value!)
  const ctx = withCancel(background())
  const [impatient, patient] = [cache.get('a', ctx), cache.get('a')]
  ctx.cancel()
  expect(isCanceled(await impatient.catch((error: unknown) => error))).toBe(true)
  await gate.send('value')
  expect(await patient).toBe('value')
})
