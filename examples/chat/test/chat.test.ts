// The chat from the outside: the server as a process of its own, pages in a real browser, and clients that have
// none of our code. Nothing here sleeps: every wait is for a condition, and every condition has a deadline.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { bundleChat } from '../../../scripts/bundle-example.mjs'
import { chromiumFlags, findChromium } from '../../../scripts/chromium.mjs'
import { MAILBOX_CAPACITY, parseFromServer, type FromServer } from '../src/protocol.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const DEADLINE_MS = 20_000
/** The server alone takes some 60 MiB; a flood of 16 KiB lines that nobody bounds is past this in seconds. */
const MEMORY_MIB = 256

const servers: Server[] = []
let server: Server
let folder: string
let bundled: string

beforeAll(async () => {
  // Not where `npm start` puts it, which may be running; but where node_modules is found.
  folder = await mkdtemp(join(root, 'node_modules', '.chat-'))
  bundled = (await bundleChat(folder)).server
  server = await Server.start()
}, 2 * DEADLINE_MS)

afterAll(async () => {
  for (const started of servers) started.kill()
  await rm(folder, { recursive: true })
})

const executablePath = findChromium()
if (!executablePath) console.warn('No Chromium (CHROMIUM_PATH, /usr/bin/chromium): the pages are not tested.')

describe.skipIf(!executablePath)('pages in Chromium', () => {
  let browser: Browser
  const pages: Page[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: chromiumFlags })
  }, DEADLINE_MS)

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()))
    expect(complaints.splice(0)).toEqual([])
  })

  afterAll(() => browser.close())

  /** A page of its own browser profile: another person. */
  async function visit(room: string, name: string, options: VisitOptions = {}): Promise<Page> {
    const context = await browser.newContext()
    const page = await context.newPage()
    pages.push(page)
    page.setDefaultTimeout(DEADLINE_MS)
    page.on('pageerror', (error) => complaints.push(`${name}: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      // While the server restarts, Chromium writes of each attempt.
      if (message.type() !== 'error' || message.text().includes('ERR_CONNECTION_REFUSED')) return
      complaints.push(`${name}: ${message.text()}`)
    })
    await page.addInitScript((value) => localStorage.setItem('name', value), name)
    if (options.prepare) await page.addInitScript(options.prepare)
    if (options.hasClock) await page.clock.install()
    await page.goto(`${(options.at ?? server).origin}/#${room}`)
    await status(page, 'connected')
    return page
  }

  test('two people see each other and what they say', async () => {
    const ada = await visit('first', 'Ada')
    const rob = await visit('first', 'Rob')
    for (const page of [ada, rob]) await present(page, ['Ada', 'Rob'])

    await say(ada, 'Hello, <b>Rob</b>')
    await said(rob, 'Hello, <b>Rob</b>')
    await say(rob, 'Hello, Ada')
    await said(ada, 'Hello, Ada')
    expect(await texts(ada)).toEqual(['Hello, <b>Rob</b>', 'Hello, Ada'])
    expect(await texts(rob)).toEqual(await texts(ada))
    expect(await ada.locator('[data-pending]').count()).toBe(0)
  })

  test('whoever comes later reads what was said, and leaves with a note', async () => {
    const ada = await visit('later', 'Ada')
    await say(ada, 'one')
    await say(ada, 'two')
    await said(ada, 'two')
    const rob = await visit('later', 'Rob')
    await said(rob, 'two')
    expect(await texts(rob)).toEqual(['one', 'two'])
    await rob.close()
    await ada.getByText('Rob left').waitFor()
    await present(ada, ['Ada'])
  })

  test('a name that is taken gets a number', async () => {
    const first = await visit('names', 'Ada')
    await visit('names', 'Ada')
    await first.locator('[data-person=Ada-2]').waitFor()
  })

  test('another room, and back', async () => {
    const ada = await visit('here', 'Ada')
    await say(ada, 'said here')
    await said(ada, 'said here')
    await ada.getByLabel('Open a room').fill('There')
    await ada.getByLabel('Open a room').press('Enter')
    await ada.locator('[data-room=there][aria-current=page]').waitFor()
    await status(ada, 'connected')
    await say(ada, 'said there')
    await said(ada, 'said there')
    expect(await texts(ada)).toEqual(['said there'])
    await ada.locator('[data-room=here]').click()
    await said(ada, 'said here')
    expect(await texts(ada)).toEqual(['said here'])
  })

  test('another name for the same person', async () => {
    const ada = await visit('rename', 'Ada')
    const rob = await visit('rename', 'Rob')
    await ada.getByLabel('Your name').fill('Grace')
    await ada.getByLabel('Your name').press('Enter')
    await present(rob, ['Rob', 'Grace'])
    await say(ada, 'Still me')
    await said(rob, 'Still me')
  })

  test('a slow reader makes the sender wait; then every line arrives once and in order', async () => {
    const ada = await visit('flood', 'Ada')
    const rob = await visit('flood', 'Rob')
    await rob.getByRole('switch', { name: 'Slow reader' }).check()
    await ada.getByRole('button', { name: 'Burst' }).click()

    // From the slow page back to the sender: its mailbox is full, the room waits, and the sender waits for the room.
    await vi.waitUntil(
      async () =>
        (await memberMetric(ada, 'Rob', 'mailbox')) === MAILBOX_CAPACITY &&
        (await metric(ada, 'waiting')) === 1 &&
        (await metric(ada, 'out')) <= 8 &&
        (await metric(ada, 'outbox')) > MAILBOX_CAPACITY,
      { timeout: DEADLINE_MS, interval: 100 },
    )
    expect(await metric(ada, 'rss')).toBeLessThan(MEMORY_MIB)
    await say(ada, 'Can you hear me?')
    await ada.locator('[data-pending]').waitFor()

    await ada.getByRole('button', { name: 'Burst' }).click()
    await rob.getByRole('switch', { name: 'Slow reader' }).uncheck()
    await vi.waitUntil(async () => (await metric(ada, 'outbox')) === 0, {
      timeout: DEADLINE_MS,
      interval: 100,
    })
    await said(rob, 'Can you hear me?')
    await said(ada, 'Can you hear me?')

    // Each line once and in order: its number is the one after the last line's.
    const counters = await runs(ada)
    expect(counters.length).toBeGreaterThan(MAILBOX_CAPACITY)
    expect(counters).toEqual(counters.map((_, index) => index + 1))
    await vi.waitFor(async () => expect(await runs(rob)).toEqual(counters), { timeout: DEADLINE_MS })
    expect(await metric(ada, 'rss')).toBeLessThan(MEMORY_MIB)
  })

  test('a browser that cannot stop the server loses its connection, and returns', async () => {
    const ada = await visit('plain', 'Ada')
    const rob = await visit('plain', 'Rob', {
      prepare: () => void Reflect.deleteProperty(globalThis, 'WebSocketStream'),
      hasClock: true,
    })
    await rob.getByRole('switch', { name: 'Slow reader' }).check()
    await ada.getByRole('button', { name: 'Burst' }).click()
    await ada.getByText('Rob left').first().waitFor()
    // More than the room remembers.
    const { length: before } = await runs(ada)
    await vi.waitUntil(async () => (await runs(ada)).length > before + 100, { timeout: DEADLINE_MS })
    // He hears of it after the lines that his page holds: at four a second that is long, and his clock is put on.
    const closed = rob.locator('#status[data-close-code="1013"]')
    await vi.waitUntil(
      async () => {
        await rob.clock.runFor(1_000)
        return (await closed.count()) > 0
      },
      { timeout: DEADLINE_MS, interval: 10 },
    )
    await ada.getByRole('button', { name: 'Burst' }).click()
    await rob.getByRole('switch', { name: 'Slow reader' }).uncheck()
    await say(ada, 'Are you back?')
    await said(rob, 'Are you back?')
    // What the room does not remember is missing, and the page says so; the rest is in order and there once.
    await rob
      .getByText(/ lines were said while you were away$/)
      .first()
      .waitFor()
    const counters = await runs(rob)
    expect(counters).toEqual(counters.toSorted((a, b) => a - b))
    expect(new Set(counters).size).toBe(counters.length)
  })

  test('a cut that the server survives loses nothing and repeats nothing', async () => {
    const ada = await visit('cut', 'Ada')
    const rob = await visit('cut', 'Rob')
    await say(ada, 'one')
    await say(rob, 'two')
    for (const page of [ada, rob]) for (const text of ['one', 'two']) await said(page, text)
    // Another connection of her session takes her place, and the page takes it back.
    const mine = ada.locator('.mine[data-session]').first()
    const usurper = await Stock.connect('cut', 'Ada', (await mine.getAttribute('data-session'))!)
    await ada.locator('#status[data-close-code="1000"]').waitFor()
    await say(ada, 'three')
    for (const page of [ada, rob]) await said(page, 'three')
    expect(await usurper.closeCode).toBe(1000)
    expect((await texts(ada)).toSorted()).toEqual(['one', 'three', 'two'])
    expect(await texts(rob)).toEqual(await texts(ada))
  })

  test('a restart of the server loses nothing and repeats nothing', async () => {
    let at = await Server.start()
    const ada = await visit('restart', 'Ada', { at })
    const rob = await visit('restart', 'Rob', { at })
    await say(ada, 'before')
    await said(rob, 'before')

    expect(await at.stop('SIGTERM')).toBe(0)
    for (const page of [ada, rob]) await page.locator('#status[data-close-code="1001"]').waitFor()
    await say(ada, 'away 1')
    await say(ada, 'away 2')
    await say(rob, 'away 3')
    expect(await ada.locator('[data-pending]').count()).toBe(2)

    at = await Server.start(at.port)
    for (const page of [ada, rob]) await status(page, 'connected')
    for (const page of [ada, rob]) for (const text of ['away 2', 'away 3']) await said(page, text)
    await say(ada, 'after')
    await said(rob, 'after')
    await said(ada, 'after')

    const shown = await texts(ada)
    expect(await texts(rob)).toEqual(shown)
    expect(shown.toSorted()).toEqual(['after', 'away 1', 'away 2', 'away 3', 'before'])
    expect(shown.filter((text) => text !== 'away 3')).toEqual(['before', 'away 1', 'away 2', 'after'])
    expect(await at.stop('SIGTERM')).toBe(0)
  })

  test('stock clients take part: `ws`, and the WebSocket of a browser', async () => {
    const ada = await visit('stock', 'Ada')
    const wscat = await Stock.connect('stock', 'wscat')
    await ada.locator('[data-person=wscat]').waitFor()
    const blank = await (await browser.newContext()).newPage()
    pages.push(blank)
    await blank.goto(`${server.origin}/icon.svg`)
    const heard = blank.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const socket = new globalThis.WebSocket(
            `${location.origin.replace('http', 'ws')}/chat?room=stock&name=plain`,
          )
          socket.onopen = () => socket.send('{"type":"say","counter":1,"text":"from a plain WebSocket"}')
          socket.onmessage = ({ data }) => {
            if (String(data).includes('from wscat')) resolve(String(data))
          }
        }),
    )
    await said(ada, 'from a plain WebSocket')
    wscat.send({ type: 'say', counter: 1, text: 'from wscat' })
    await said(ada, 'from wscat')
    expect(JSON.parse(await heard)).toMatchObject({ type: 'line', name: 'wscat', text: 'from wscat' })
    await say(ada, 'from a page')
    await wscat.hears((message) => message.type === 'line' && message.text === 'from a page')
    wscat.socket.close()
  })
})

describe('the server', () => {
  test('says a line that is sent twice once, and knows how far it heard a session', async () => {
    const watcher = await Stock.connect('twice', 'watcher')
    const first = await Stock.connect('twice', 'Ada', 'session-1')
    first.send({ type: 'say', counter: 1, text: 'one' })
    first.send({ type: 'say', counter: 2, text: 'two' })
    await watcher.hears((message) => message.type === 'line' && message.text === 'two')
    // As after a cut that the server has not noticed.
    const second = await Stock.connect('twice', 'Ada', 'session-1')
    expect(second.heard[0]).toMatchObject({ type: 'welcome', name: 'Ada', heard: 2 })
    second.send({ type: 'say', counter: 2, text: 'two' })
    second.send({ type: 'say', counter: 3, text: 'three' })
    await watcher.hears((message) => message.type === 'line' && message.text === 'three')
    expect(watcher.heard.flatMap((message) => (message.type === 'line' ? [message.seq] : []))).toEqual([
      1, 2, 3,
    ])
    expect(watcher.heard.filter((message) => message.type === 'note' && message.note === 'left')).toEqual([])
    expect(await first.closeCode).toBe(1000)
    for (const client of [watcher, second]) client.socket.close()
  })

  test('says what a client said before it went', async () => {
    const watcher = await Stock.connect('gone', 'watcher')
    const socket = new WebSocket(chatUrl('gone', 'Ada'))
    await once(socket, 'open')
    for (let counter = 1; counter <= 20; counter++) {
      socket.send(JSON.stringify({ type: 'say', counter, text: `last words ${counter}` }))
    }
    socket.close()
    await watcher.hears((message) => message.type === 'line' && message.text === 'last words 20')
    await watcher.hears((message) => message.type === 'note' && message.note === 'left')
    watcher.socket.close()
  })

  test.each([
    ['no room', 'name=Ada', undefined],
    ['a room with other letters', 'room=a/b&name=Ada', undefined],
    ['no name', 'room=odd&name=%20', undefined],
    ['no JSON', 'room=odd&name=Ada', 'hello'],
    ['no say', 'room=odd&name=Ada', '{"type":"shout"}'],
    ['no counter', 'room=odd&name=Ada', '{"type":"say","text":"hello"}'],
    ['a blank text', 'room=odd&name=Ada', '{"type":"say","counter":1,"text":" "}'],
    ['binary', 'room=odd&name=Ada', Buffer.from('{"type":"say","counter":1,"text":"hello"}')],
  ])('closes with 1008 and a reason: %s', async (_, query, message) => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/chat?${query}`)
    await once(socket, 'open')
    if (message !== undefined) socket.send(message)
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect(code).toBe(1008)
    expect(String(reason)).toMatch(/^Malformed message: /)
  })

  test('refuses the pages of other sites', async () => {
    const socket = new WebSocket(chatUrl('general', 'Eve'), { origin: 'https://example.com' })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('403')
  })

  test.each([
    ['GET', '/', 200],
    ['HEAD', '/style.css', 200],
    ['GET', '/main.js?v=1', 200],
    ['GET', '/../server/main.js', 404],
    ['GET', '/%2e%2e/server/main.js', 404],
    ['GET', '/nothing', 404],
    ['POST', '/', 405],
  ])('answers %s %s with %i', async (method, path, status) => {
    // Not fetch: it tidies the path before it asks.
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, agent: false }).end()
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-security-policy']).toContain("default-src 'none'")
    expect(response.headers['x-content-type-options']).toBe('nosniff')
  })

  test('a taken port is one line and exit code 1', async () => {
    const second = new Server(server.port)
    expect(await second.exit()).toBe(1)
    expect(second.errors).toEqual([
      `Cannot listen on ${server.origin}: the port is taken. Set PORT to another one.`,
    ])
  })

  test('started by `npm start` it ends by itself on Ctrl-C, and tells everybody 1001', async () => {
    const other = await Server.start(undefined, 'scripts/start.mjs')
    const client = await Stock.connect('general', 'Ada', undefined, other)
    // Browsers open a socket in case they need one, and then say nothing on it.
    const spare = connect(other.port, '127.0.0.1')
    await once(spare, 'connect')
    expect(await other.stop('SIGINT')).toBe(0)
    expect(await client.closeCode).toBe(1001)
    spare.destroy()
  })
})

interface VisitOptions {
  readonly at?: Server
  /** Runs in the page before anything of it. */
  readonly prepare?: () => void
  /** The page has a clock of its own, which goes as ours does, and can be put on. */
  readonly hasClock?: boolean
}

/** A client that knows nothing but the protocol. */
class Stock {
  readonly socket: WebSocket
  readonly heard: FromServer[] = []
  readonly closeCode: Promise<number>

  private constructor(url: string) {
    this.socket = new WebSocket(url)
    this.closeCode = once(this.socket, 'close').then(([code]) => code as number)
    this.socket.on('message', (data: Buffer) => this.heard.push(parseFromServer(data.toString())!))
  }

  static async connect(room: string, name: string, session?: string, at = server): Promise<Stock> {
    const stock = new Stock(chatUrl(room, name, session, at))
    await stock.hears(({ type }) => type === 'welcome')
    return stock
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  async hears(wanted: (message: FromServer) => boolean): Promise<void> {
    await vi.waitUntil(() => this.heard.some(wanted), { timeout: DEADLINE_MS, interval: 10 })
  }
}

/** The server's process. Only this handle ever ends it. */
class Server {
  readonly port: number
  /** The lines on stderr. */
  readonly errors: string[] = []
  readonly #process: ChildProcess

  constructor(port: number, script = bundled) {
    this.port = port
    this.#process = spawn(process.execPath, [script], {
      cwd: root,
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    servers.push(this)
    createInterface({ input: this.#process.stderr! }).on('line', (line) => this.errors.push(line))
  }

  static async start(port?: number, script?: string): Promise<Server> {
    const server = new Server(port ?? (await freePort()), script)
    for await (const line of createInterface({ input: server.#process.stdout! })) {
      if (line === `Chansel chat on ${server.origin}`) return server
    }
    throw new Error(`Cannot start the chat: ${server.errors.join('\n')}`)
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The exit code; `null` if it was a signal that ended the process, and not the process itself. */
  async exit(): Promise<number | null> {
    const child = this.#process
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.exitCode
  }

  async stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
    this.#process.kill(signal)
    return await this.exit()
  }

  /** At the end of the tests, and after one that failed halfway. */
  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

function chatUrl(room: string, name: string, session?: string, at = server): string {
  const query = new URLSearchParams({ room, name, ...(session === undefined ? {} : { session }) })
  return `${at.origin.replace('http', 'ws')}/chat?${query}`
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByLabel('Message', { exact: true }).press('Enter')
}

/** The room has said it. */
async function said(page: Page, text: string): Promise<void> {
  await page
    .locator('[data-line]:not([data-pending])')
    .getByText(text, { exact: true })
    .waitFor({ timeout: DEADLINE_MS })
}

async function status(page: Page, wanted: string): Promise<void> {
  await page.locator(`#status[data-status=${wanted}]`).waitFor({ timeout: DEADLINE_MS })
}

async function texts(page: Page): Promise<string[]> {
  return await page.locator('[data-line]:not([data-pending]) .text').allTextContents()
}

async function present(page: Page, names: readonly string[]): Promise<void> {
  const rows = page.locator('[data-person]')
  await vi.waitFor(
    async () => {
      const shown = rows.evaluateAll((elements) =>
        elements.map((element) => element.getAttribute('data-person')),
      )
      expect(await shown).toEqual(names)
    },
    { timeout: DEADLINE_MS },
  )
}

async function metric(page: Page, name: string): Promise<number> {
  return toNumber(await page.locator(`output[data-metric=${name}]`).textContent())
}

async function memberMetric(page: Page, member: string, name: string): Promise<number> {
  const cell = page.locator(`[data-member=${member}] [data-metric=${name}]`)
  return (await cell.count()) === 0 ? NaN : toNumber(await cell.textContent())
}

function toNumber(text: string | null): number {
  return Number(text?.replaceAll(',', ''))
}

/** The counters of all lines in the order in which the page shows them; the row of a burst stands for many. */
async function runs(page: Page): Promise<number[]> {
  const rows = await page
    .locator('[data-line]:not([data-pending])')
    .evaluateAll((elements) =>
      elements.map((element) => [
        Number(element.getAttribute('data-first-counter')),
        Number(element.getAttribute('data-counter')),
      ]),
    )
  return rows.flatMap(([first = 0, last = 0]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  )
}
