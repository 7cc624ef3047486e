// Pages in Chromium, a server that stops and starts, and a client of `ws`.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { background, withCancel } from 'chansel'
import { pipe } from '@chansel/ws/testing'
import WebSocket from 'ws'
import { bundlePage } from '../../../scripts/bundle-example.mjs'
import { chromiumFlags, findChromium } from '../../../scripts/chromium.mjs'
import type { Frame } from '../src/protocol.ts'
import { type CursorServer, startServer } from '../src/server.ts'
import { Space } from '../src/space.ts'

const DEADLINE = { timeout: 20_000, interval: 10 }
const SIZE = { width: 800, height: 600 }

let folder: string
let server: CursorServer

function start(port = 0): Promise<CursorServer> {
  return startServer(port, pathToFileURL(join(folder, 'page.js')))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chansel-cursors-'))
  await bundlePage(fileURLToPath(new URL('../src/page/main.ts', import.meta.url)), join(folder, 'page.js'))
})
afterAll(() => rm(folder, { recursive: true }))

beforeEach(async () => void (server = await start()))
afterEach(() => server[Symbol.asyncDispose]())

const executablePath = findChromium()
if (!executablePath) console.warn('No Chromium (CHROMIUM_PATH, /usr/bin/chromium): the page is not tested.')

describe.skipIf(!executablePath)('pages in Chromium', () => {
  let browser: Browser
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
  }, DEADLINE.timeout)
  afterAll(() => browser.close())

  async function visit(): Promise<Page> {
    const page = await browser.newPage({ viewport: SIZE })
    page.setDefaultTimeout(DEADLINE.timeout)
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`http://127.0.0.1:${server.port}`)
    await isOpen(page)
    return page
  }

  test('see each other’s cursors, also after the server was away', async () => {
    const [ada, rob] = [await visit(), await visit()]
    await ada.mouse.move(200, 300)
    await sees(rob, 200, 300)
    await rob.mouse.move(700, 100)
    await sees(ada, 700, 100)
    await ada.mouse.down()
    await rob.locator('.cursor[data-down]').waitFor()
    await ada.mouse.up()
    expect(await ada.locator('.cursor').count()).toBe(1)
    const name = await rob.locator('.cursor b').textContent()

    const { port } = server
    await server[Symbol.asyncDispose]()
    for (const page of [ada, rob]) await page.locator('#state:not([data-status=open])').waitFor()
    // Only the last of these is worth telling when the server is back.
    for (let x = 100; x <= 400; x += 20) await ada.mouse.move(x, 500)
    server = await start(port)
    for (const page of [ada, rob]) await isOpen(page)
    await sees(rob, 400, 500)
    // He did not move, and is there all the same; she has the name that she had.
    await sees(ada, 700, 100)
    expect(await rob.locator('.cursor b').textContent()).toBe(name)

    await ada.close()
    await rob.getByText('Nobody else is here').waitFor()
    await rob.close()
    expect(complaints).toEqual([])
  })
})

async function isOpen(page: Page): Promise<void> {
  await page.locator('#state[data-status=open]').waitFor()
}

/** The page has one cursor, there: its style says so before it has moved to it. */
async function sees(page: Page, x: number, y: number): Promise<void> {
  await expect
    .poll(
      () =>
        page.locator('.cursor').evaluateAll((all) => all.map((one) => (one as HTMLElement).style.transform)),
      DEADLINE,
    )
    .toEqual([`translate(${x}px, ${y}px)`])
}

describe('the server', () => {
  test('tells everybody to whoever comes, and takes who comes again for the same', async () => {
    const ada = await stock('ada')
    ada.socket.send('{"x":0.5,"y":0.25,"isDown":false}')
    const rob = await stock('rob')
    await vi.waitUntil(() => rob.newest()?.cursors.length === 1, DEADLINE)
    expect(rob.newest()!.cursors[0]).toMatchObject({ id: 'ada', x: 0.5, y: 0.25, isDown: false })

    // Before her lost connection is noticed.
    const again = await stock('ada')
    again.socket.send('{"x":1,"y":1,"isDown":true}')
    await vi.waitUntil(() => rob.newest()?.cursors[0]?.x === 1, DEADLINE)
    ada.socket.terminate()
    rob.socket.send('{"x":0,"y":0,"isDown":false}')
    await vi.waitUntil(() => rob.newest()?.cursors.length === 2, DEADLINE)
    again.socket.close()
    await vi.waitUntil(() => rob.newest()?.cursors.length === 1, DEADLINE)
    rob.socket.close()
  })

  test.each(['{"x":2,"y":0,"isDown":false}', '{"x":"0"}', 'no JSON'])(
    'closes with 1007 for %s',
    async (text) => {
      const { socket } = await stock('eve')
      socket.send(text)
      expect((await once(socket, 'close'))[0]).toBe(1007)
    },
  )

  test.each(['', '?id=', '?id=a%20b'])('refuses a request without a name: %s', async (query) => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/cursors${query}`)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(400)
    socket.on('error', () => {}).terminate()
    errors.mockRestore()
  })
})

test('however many moves there are, a frame tells the last of them', async () => {
  const space = new Space()
  using ctx = withCancel(background())
  const running = space.run(ctx).catch(() => {})
  const [mover, ours] = pipe()
  const [watcher, theirs] = pipe()
  const attending = [space.attend(ours, 'mover'), space.attend(theirs, 'watcher')]
  for (let x = 0; x <= 500; x++)
    await mover.outgoing.send(JSON.stringify({ x: x / 500, y: 0, isDown: false }))
  let frames = 0
  for await (const message of watcher.incoming) {
    frames++
    if ((JSON.parse(message as string) as Frame).cursors[0]?.x === 1) break
  }
  expect(frames).toBeLessThan(100)
  await Promise.all([mover.close(), watcher.close()])
  await Promise.all(attending)
  ctx.cancel()
  await running
})

/** A client that has nothing of ours. */
async function stock(id: string): Promise<{ socket: WebSocket; newest(): Frame | undefined }> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/cursors?id=${id}`)
  let frame: Frame | undefined
  socket.on('message', (data: Buffer) => (frame = JSON.parse(data.toString()) as Frame))
  await once(socket, 'open')
  return { socket, newest: () => frame }
}
