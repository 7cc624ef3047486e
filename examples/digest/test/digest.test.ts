import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { background, isCanceled, withCancel } from 'chansel'
import { md5All } from '../src/main.ts'

function tree(files: number): string {
  const root = mkdtempSync(join(tmpdir(), 'chansel-digest-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'sub'))
  for (let i = 0; i < files; i++)
    writeFileSync(join(root, i % 2 ? 'sub' : '.', `${i}.txt`), 'x'.repeat(i * 1_000))
  return root
}

test('each file has the sum that md5sum gives it', async () => {
  const root = tree(50)
  const sums = await md5All(root, background())
  expect(sums.size).toBe(50)
  const [expected] = execFileSync('md5sum', [join(root, 'sub/7.txt')], { encoding: 'utf8' }).split(' ')
  expect(sums.get(join(root, 'sub/7.txt'))).toBe(expected)
})

test('a folder that is none fails it', async () => {
  await expect(md5All('/nowhere/at/all', background())).rejects.toMatchObject({ code: 'ENOENT' })
})

test('links and folders are not read', async () => {
  const root = tree(50)
  symlinkSync('nowhere', join(root, 'broken'))
  expect((await md5All(root, background())).size).toBe(50)
})

test('a cancel stops it', async () => {
  const ctx = withCancel(background())
  const working = md5All(tree(50), ctx)
  ctx.cancel()
  expect(isCanceled(await working.catch((error: unknown) => error))).toBe(true)
})
