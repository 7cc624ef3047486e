import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { background, isCanceled, withCancel } from 'chansel'
import { bar, countLevels } from '../src/main.ts'

let folder: string
let log: string
const levels = ['debug', 'info', 'info', 'warn', 'info']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chansel-log-'))
  log = join(folder, 'log')
  await writeFile(log, Array.from({ length: 50_000 }, (_, i) => `${levels[i % 5]} größe ${i}`).join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))

test('counts every line once, and its progress reaches the end', async () => {
  const seen: number[] = []
  const total = await countLevels(log, 4, (done) => seen.push(done), background())
  expect(Object.fromEntries(total)).toEqual({ debug: 10_000, info: 30_000, warn: 10_000 })
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(bar(seen.at(-1)!)).toBe('[####################] 100 %')
})

test('stops with its context, and says why', async () => {
  using ctx = withCancel(background())
  const counted = countLevels(log, 4, () => ctx.cancel(), ctx)
  await expect(counted).rejects.toSatisfy(isCanceled)
})

test('a file that is not there is an error', async () => {
  await expect(countLevels(join(folder, 'none'), 2, () => {}, background())).rejects.toThrow('ENOENT')
})
