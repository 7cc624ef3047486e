// The server and its viewers, over sockets; and the page, in Chromium. `npm start dashboard -- --clients 1000` is the same with
// more of them.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CancelContext, type Group, background, group, withCancel, yieldNow } from 'chansel'
import WebSocket from 'ws'
import { bundlePage } from '../../../scripts/bundle-example.mjs'
import { chromiumFlags, findChromium } from '../../../scripts/chromium.mjs'
import { Crowd, type CrowdOptions } from '../src/crowd.ts'
import { Fleet } from '../src/fleet.ts'
import { type DashboardServer, startServer } from '../src/server.ts'
import type { Policy, Snapshot } from '../src/snapshot.ts'

const DEADLINE = { timeout: 20_000, interval: 10 }

let folder: string
let server: DashboardServer
let url: string
let ctx: CancelContext
/** The crowds, as tasks. */
let viewers: Group
let watching: Promise<unknown>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chansel-dashboard-'))
  await bundlePage(fileURLToPath(new URL('../src/page/main.ts', import.meta.url)), join(folder, 'page.js'))
})
afterAll(() => rm(folder, { recursive: true }))

beforeEach(async () => {
  server = await startServer(0, pathToFileURL(join(folder, 'page.js')))
  url = `ws://127.0.0.1:${server.port}`
  ctx = withCancel(background())
  watching = group(ctx, (g) => (viewers = g).ctx.done.receive())
})
afterEach(async () => {
  ctx.cancel()
  await watching
  await server[Symbol.asyncDispose]()
})

/** A crowd that is all there. */
async function gather(options: CrowdOptions): Promise<Crowd> {
  const crowd = new Crowd()
  await crowd.gather(url, options, viewers)
  return crowd
}

/** A viewer without any of our code, which reads when it is told to. */
async function stock(policy: Policy): Promise<{ socket: WebSocket; seen: Snapshot[] }> {
  const socket = new WebSocket(`${url}/live/${policy}`)
  const seen: Snapshot[] = []
  socket.on('message', (data: Buffer) => seen.push(JSON.parse(data.toString()) as Snapshot))
  await once(socket, 'open')
  return { socket, seen }
}

async function publish(fleet: Fleet, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    server.dashboard.publish(fleet.measure())
    await yieldNow()
  }
}

test('a hundred viewers see all of it, in order; who comes later begins with the newest', async () => {
  const [latest, all] = await Promise.all([
    gather({ viewers: 50, policy: 'latest' }),
    gather({ viewers: 50, policy: 'all' }),
  ])
  const { seen } = await stock('all')
  await publish(new Fleet(48), 60)
  await vi.waitUntil(() => all.received === 50 * 60 && seen.length === 60, DEADLINE)
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => i + 1))
  expect(seen.at(-1)!.machines).toHaveLength(48)
  expect(seen.at(-1)!.audience).toMatchObject({ viewers: 101, disconnected: 0 })
  // Missed or not: the last of them has it.
  await vi.waitUntil(() => latest.received + latest.missed === 50 * 60, DEADLINE)
  expect(all.missed).toBe(0)
  const late = await stock('latest')
  await vi.waitUntil(() => late.seen.length === 1, DEADLINE)
  expect(late.seen[0]!.seq).toBe(60)
})

describe('slow viewers', () => {
  test('miss the old ones or are disconnected, and the others see all', async () => {
    const fast = await gather({ viewers: 10, policy: 'all' })
    const slow = { latest: await stock('latest'), all: await stock('all') }
    for (const { socket } of Object.values(slow)) socket.pause()

    // Large ones: what the sockets hold has to be full before the server notices anything.
    const fleet = new Fleet(400)
    let times = 0
    const before = process.memoryUsage.rss()
    while (fast.viewers === 10 && times < 2_000) {
      await publish(fleet, 20)
      times += 20
      await vi.waitUntil(() => fast.received === 10 * times, DEADLINE)
      const { disconnected, dropped } = server.dashboard.audience
      if (disconnected === 1 && dropped > 50) break
    }
    expect(fast).toMatchObject({ viewers: 10, received: 10 * times, missed: 0, disconnected: 0 })
    // 12 viewers, and what the sockets of two of them hold is not ours.
    expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(128)

    const end = once(slow.all.socket, 'close')
    for (const { socket } of Object.values(slow)) socket.resume()
    const [code] = (await end) as [number]
    expect(code).toBe(1013)
    await vi.waitUntil(() => slow.latest.seen.at(-1)?.seq === times, DEADLINE)
    const seqs = slow.latest.seen.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(times - seqs.length).toBeGreaterThan(50)
    // It was not slow enough to lose anything but its place: what came did so without a gap.
    expect(slow.all.seen.map(({ seq }) => seq)).toEqual(slow.all.seen.map((_, i) => i + 1))
  })
})

test('a viewer that says something is closed with 1008', async () => {
  const { socket } = await stock('latest')
  socket.send('hello?')
  expect((await once(socket, 'close'))[0]).toBe(1008)
})

const executablePath = findChromium()
if (!executablePath) console.warn('No Chromium (CHROMIUM_PATH, /usr/bin/chromium): the page is not tested.')

test.skipIf(!executablePath)(
  'the page shows what is published, and stops reading when it is slow',
  async () => {
    const browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    try {
      await publish(new Fleet(12), 1)
      await page.goto(`http://127.0.0.1:${server.port}`)
      await page.locator('#status[data-status=open]').waitFor()
      await publish(new Fleet(12), 10)
      await expect.poll(() => page.locator('#seq').textContent(), DEADLINE).toBe('11')
      expect(await page.locator('article').count()).toBe(12)
      expect(await page.locator('#viewers').textContent()).toBe('1')

      // Its turn: then it waits for two seconds.
      await page.getByRole('switch', { name: 'Slow reader' }).check()
      await publish(new Fleet(12), 1)
      await expect.poll(() => page.locator('#seq').textContent(), DEADLINE).toBe('12')
      await publish(new Fleet(12), 1)
      await page.getByRole('switch', { name: 'Slow reader' }).uncheck()
      await expect.poll(() => page.locator('#seq').textContent(), DEADLINE).toBe('13')

      await page.getByLabel('all of it').check()
      await expect.poll(() => page.locator('#status').getAttribute('data-status'), DEADLINE).toBe('open')
      await publish(new Fleet(12), 1)
      await expect.poll(() => page.locator('#seq').textContent(), DEADLINE).toBe('14')
      expect(await page.locator('#missed').textContent()).toBe('0')
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
