// The playground in a real browser, opened as a file: each control is worked, and what is drawn is held against the
// channels themselves. Time is the page's, which stands still and goes on by steps; nothing here sleeps.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '../../../scripts/chromium.mjs'
import { buildPlayground } from '../build.mjs'
import { type Eyes, type Look, type Until, openEyes } from './look.ts'

const DEADLINE_MS = 20_000
const MOST_STEPS = 150

declare const eyes: Eyes

const executablePath = findChromium()
if (!executablePath)
  console.warn('No Chromium (CHROMIUM_PATH, /usr/bin/chromium): the playground is not tested.')

describe.skipIf(!executablePath)('the playground', () => {
  const complaints: string[] = []
  let folder: string
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chansel-playground-'))
    ;[browser] = await Promise.all([
      chromium.launch({ executablePath: executablePath!, args: chromiumFlags }),
      buildPlayground(folder),
    ])
    // Without motion a value is drawn where it is, and not on its way there.
    page = await newPage({ reducedMotion: 'reduce', viewport: { width: 1280, height: 900 } })
  }, 2 * DEADLINE_MS)

  afterEach(() => expect(complaints.splice(0)).toEqual([]))

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
  })

  async function newPage(options: Parameters<Browser['newPage']>[0]): Promise<Page> {
    const made = await browser.newPage(options)
    made.setDefaultTimeout(DEADLINE_MS)
    made.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
    made.on('console', (message) => complaints.push(message.text()))
    await made.addInitScript(openEyes)
    return made
  }

  function addressOf(scene: string): string {
    return `${pathToFileURL(join(folder, 'index.html')).href}#${scene}`
  }

  /** The scene at its beginning, standing still. */
  async function open(scene: string): Promise<void> {
    await page.goto('about:blank')
    await page.goto(addressOf(scene))
    await press('Pause')
    await press('Restart')
  }

  async function press(name: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click()
  }

  async function set(label: string, value: number): Promise<void> {
    await page.getByRole('slider', { name: label, exact: true }).fill(String(value))
  }

  async function look(): Promise<Look> {
    return agreeing(await page.evaluate(() => eyes.look()))
  }

  /** Steps until it is so; picture and channels have to agree after each step. */
  async function stepUntil(until: Until): Promise<Look> {
    const [wanted, most] = [until, MOST_STEPS]
    const seen = await page.evaluate(({ wanted, most }) => eyes.steps(wanted, most), { wanted, most })
    for (const one of seen) agreeing(one)
    const { readouts, tasks } = seen.at(-1)!
    expect(readouts).toMatchObject(until.readouts ?? {})
    if (until.task !== undefined) expect(tasks).toContainEqual(expect.objectContaining(until.task))
    return seen.at(-1)!
  }

  async function step(times: number): Promise<Look[]> {
    const seen = await page.evaluate((most) => eyes.steps({ readouts: { never: 1 } }, most), times)
    return seen.map(agreeing)
  }

  function agreeing(seen: Look): Look {
    for (const { label, drawn, channel, senders } of seen.tubes) {
      expect({ label, ...drawn }).toEqual({ label, ...channel })
      // What the library says of who waits, and what is known of the tasks: a select's senders have names of their own.
      const waiting = seen.tasks.filter(({ id, state }) => state === 'waits' && id === `sender-${label}`)
      if (waiting.length > 0) expect(senders).toBe(waiting.length)
    }
    for (const { id, holds, tokens } of seen.tasks) {
      expect({ id, tokens }).toEqual({ id, tokens: holds === undefined ? 0 : 1 })
    }
    return seen
  }

  function statusOf({ tasks }: Look, name: string): string[] {
    return tasks.filter(({ id }) => id.startsWith(name)).map(({ status }) => status)
  }

  test.each([
    ['rendezvous', 'queue'],
    ['buffer', 'queue'],
    ['overflow', 'queue'],
    ['select', 'select'],
    ['context', 'context'],
    ['pool', 'pool'],
    ['websocket', 'websocket'],
  ])(
    '%s shows its program as it is in the source, and agrees with it at each step',
    async (scene, program) => {
      await open(scene)
      expect(await page.locator('#scenes [aria-current]').getAttribute('href')).toBe(`#${scene}`)
      const source = await readFile(new URL(`../src/programs/${program}.ts`, import.meta.url), 'utf8')
      expect(await codeOf(page)).toBe(source.trimEnd())
      const seen = await step(12)
      expect(seen.at(-1)).not.toEqual(seen[0])
    },
  )

  test('an unbuffered channel: who comes first waits, and is served first', async () => {
    await open('rendezvous')
    await set('Receivers', 0)
    const full = await stepUntil({ readouts: { made: 3, 'senders-wait': 3 } })
    expect(full.tubes[0]).toMatchObject({ senders: 3, receivers: 0, channel: { length: 0 } })
    expect(full.tasks.map(({ holds }) => holds)).toEqual([1, 2, 3])
    expect(await page.locator('.line.waiting').allTextContents()).toEqual([
      expect.stringMatching(/jobs\.send\(.*3 wait/),
    ])

    await set('Receivers', 2)
    expect(statusOf(await look(), 'receiver')).toEqual(['works on 1', 'works on 2'])
    await set('Senders', 0)
    const idle = await stepUntil({ readouts: { used: 2, 'receivers-wait': 2 } })
    expect(statusOf(idle, 'receiver')).toEqual(['receives', 'receives'])
    await press('Close the channel')
    expect(statusOf(await look(), 'receiver')).toEqual(['has returned', 'has returned'])
  })

  test('a buffer: full, then the senders wait; closed, it is drained', async () => {
    await open('buffer')
    await set('Receivers', 0)
    await set('Senders', 4)
    await set('Capacity', 3)
    await stepUntil({ readouts: { length: 3, 'senders-wait': 4, made: 7 } })
    // The console has the same channel.
    expect(await page.evaluate('channels.jobs.trySend(99)')).toBe(false)
    expect(await page.evaluate('channels.jobs.capacity')).toBe(3)

    // The second click comes before the button is disabled.
    await page.getByRole('button', { name: 'Close the channel', exact: true }).dblclick()
    const closed = await look()
    expect(statusOf(closed, 'sender')).toEqual(Array(4).fill('ClosedChannelError'))
    expect(closed.readouts).toMatchObject({ length: 3, 'senders-wait': 0 })
    expect(await page.getByRole('button', { name: 'Close the channel' }).isDisabled()).toBe(true)
    await set('Receivers', 1)
    await stepUntil({ readouts: { length: 0, used: 3 }, task: { id: 'receiver-1', status: 'has returned' } })

    await press('Restart')
    await set('Receivers', 0)
    await stepUntil({ readouts: { length: 3, 'senders-wait': 4 } })
    // Two of those who wait give up: their values never get in.
    await set('Senders', 2)
    expect((await look()).readouts['senders-wait']).toBe(2)
    await set('Receivers', 1)
    await step(15)
    await press('Cancel the context')
    expect(new Set(statusOf(await look(), ''))).toEqual(new Set(['CanceledError']))
    expect(await page.locator('#said').textContent()).toContain('cancelled')
  })

  test('overflow: what was dropped is counted, and what is kept is what the policy keeps', async () => {
    await open('overflow')
    await set('Senders', 1)
    await set('Receivers', 0)
    for (const [policy, kept] of [
      ['drop-oldest', ['7', '8', '9', '10']],
      ['drop-newest', ['1', '2', '3', '4']],
    ] as const) {
      await page.getByText(policy, { exact: true }).click()
      const seen = await stepUntil({ readouts: { made: 10, dropped: 6 } })
      expect(seen.tubes[0]!.dropped).toBe(6)
      expect(await page.locator('.token:not([data-end])').allTextContents()).toEqual(kept)
    }
    await page.getByText('wait', { exact: true }).click()
    await stepUntil({ readouts: { made: 5, 'senders-wait': 1, dropped: 0 } })
  })

  test('select: a case that is off is not chosen, one that is closed ends, done ends it all', async () => {
    await open('select')
    const newsChosen = async () =>
      Number.parseInt((await page.locator('[data-tally=news] span').nth(1).textContent())!, 10)
    await set('Work for each value', 50)
    await step(30)
    expect(await newsChosen()).toBeGreaterThan(0)
    await page.getByRole('switch', { name: 'case news' }).uncheck()
    const chosen = await newsChosen()
    await stepUntil({ readouts: { 'senders-wait': 1 } })
    // The round that was under way may have had it.
    expect(await newsChosen()).toBeLessThanOrEqual(chosen + 1)
    await page.getByRole('switch', { name: 'case news' }).check()
    await stepUntil({ readouts: { length: 0 } })

    for (const topic of ['mail', 'chat', 'news'])
      await page.getByRole('switch', { name: `case ${topic}` }).uncheck()
    await stepUntil({ task: { id: 'chooser', status: 'waits in select' } })
    await stepUntil({ readouts: { length: 12, 'senders-wait': 3 } })
    // A case that is switched on is chosen at once, in the round that waits.
    await page.getByRole('switch', { name: 'case chat' }).check()
    expect(statusOf(await look(), 'chooser')).toEqual([expect.stringMatching(/^works on/)])
    await page.getByRole('switch', { name: 'case mail' }).check()

    await press('Close mail')
    const closed = (await step(20)).at(-1)!
    expect(closed.tubes[0]).toMatchObject({ label: 'mail', channel: { length: 0, isClosed: true } })
    expect(statusOf(closed, 'sender-mail')).toEqual(['ClosedChannelError'])
    await press('Cancel the context')
    expect((await look()).tasks.map(({ state }) => state)).toEqual(Array(4).fill('ended'))
  })

  test('context: a cancel reaches what is below, so does a deadline, and nothing else', async () => {
    await open('context')
    const live = ({ branches }: Look) => branches.filter(({ isLive }) => isLive).map(({ label }) => label)
    await press('Cancel query')
    expect(live(await look())).toEqual(['server', 'request', 'upload', 'render'])
    await set('Request timeout', 1_000)
    const late = await stepUntil({ readouts: { live: 2, running: 1 } })
    expect(live(late)).toEqual(['server', 'upload'])
    expect(late.branches.find(({ label }) => label === 'render')!.status).toBe('DeadlineExceededError')
    await press('Cancel the server')
    const over = await look()
    expect(live(over)).toEqual([])
    expect(over.readouts).toMatchObject({ live: 0, running: 0 })
  })

  test('pool: a close lets the workers finish, a failure cancels the others', async () => {
    await open('pool')
    await stepUntil({ readouts: { used: 2 } })
    // Results come in another order than their jobs, and wait for the collector.
    await set('Work for each job', 2_000)
    await step(6)
    await set('Work for each job', 50)
    await set('Collector takes', 1_500)
    await stepUntil({ readouts: { results: 4 } })
    await set('Collector takes', 20)
    await press('Close jobs')
    const draining = await step(30)
    // Whoever finds nothing more returns, while others still work.
    const both = draining.map((one) => statusOf(one, 'worker').toSorted().join())
    expect(both).toContainEqual(expect.stringMatching(/^has returned,.*works on/))
    const over = draining.at(-1)!
    expect(statusOf(over, 'collector')).toEqual(['has returned'])
    expect(statusOf(over, 'worker')).toEqual(Array(3).fill('has returned'))
    expect(over.tubes.map(({ channel }) => channel)).toEqual(
      Array(2).fill({ length: 0, filled: 0, tokens: 0, isClosed: true }),
    )
    // All that was sent was done; what was made last met a closed channel.
    expect(over.readouts['used']).toBe(over.readouts['made']! - 1)

    await press('Restart')
    await stepUntil({ readouts: { used: 1 } })
    await press('Let a worker fail')
    const failed = (await step(20)).at(-1)!
    expect(statusOf(failed, 'worker').toSorted()).toEqual(['CanceledError', 'CanceledError', 'Error'])
  })

  test('websocket: a slow consumer holds up the sender; a close loses nothing, a cut leaves the rest unsent', async () => {
    await open('websocket')
    await set('Consumer works', 2_000)
    await stepUntil({ readouts: { outgoing: 4, network: 4, incoming: 4, 'senders-wait': 1 } })
    await set('Consumer works', 50)
    await press('Close')
    const over = await stepUntil({ task: { id: 'consumer', status: 'has returned' } })
    // The send that waited failed, and only it.
    expect(over.readouts).toMatchObject({
      used: over.readouts['made']! - 1,
      outgoing: 0,
      network: 0,
      incoming: 0,
    })

    await press('Restart')
    await set('Consumer works', 2_000)
    await stepUntil({ readouts: { outgoing: 4, network: 4, incoming: 4, 'senders-wait': 1 } })
    await press('Cut the network')
    const cut = (await step(20)).at(-1)!
    expect(cut.tasks.map(({ id, state }) => `${id} ${state}`)).toContain('client ended')
    // What the channel has not got rid of is unsent, and is drawn where it is.
    expect(cut.tubes[0]).toMatchObject({ label: 'client.outgoing', drawn: { length: 4, isClosed: true } })
  })

  test('time stands still, goes on and goes faster, by mouse and by keyboard', async () => {
    await open('buffer')
    const before = await look()
    for (let i = 0; i < 5; i++) expect(await look()).toEqual(before)
    await page.keyboard.press('.')
    await expect.poll(look).not.toEqual(before)
    await page.getByRole('slider', { name: 'Speed' }).fill('5')
    await page.locator('#speed').blur()
    await page.keyboard.press(' ')
    await page.waitForFunction(() => Number(document.querySelector('[data-readout=used]')!.textContent) > 4)
    await look()
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Play' }).waitFor()

    // Whatever can be worked can be reached.
    const controls = await page.locator('a, button:enabled, input, pre').count()
    const reached = new Set<string>()
    await page.locator('.brand').focus()
    for (let i = 0; i < controls; i++) {
      reached.add(await page.evaluate(() => document.activeElement!.outerHTML))
      await page.keyboard.press('Tab')
    }
    expect(reached.size).toBe(controls)
  })

  test('on a phone: one below the other, nothing beside the screen; and what moves arrives', async () => {
    const phone = await newPage({ viewport: { width: 360, height: 740 } })
    for (const scene of ['overflow', 'select', 'context', 'pool', 'websocket']) {
      await phone.goto(addressOf(scene))
      await phone.locator('.vertical .part').first().waitFor()
      expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    }
    await phone.waitForFunction(() => Number(document.querySelector('[data-readout=made]')!.textContent) > 2)
    await phone.getByRole('button', { name: 'Pause' }).click()
    // What moves is elsewhere for a while, and then where it is.
    const arrived = async () => agreeing(await phone.evaluate(() => eyes.look()))
    await expect.poll(arrived, { timeout: DEADLINE_MS }).toBeDefined()
    await phone.close()
  })
})

/** The program as it is shown, without what is written beside its lines. */
async function codeOf(page: Page): Promise<string> {
  const lines = await page
    .locator('.line')
    .evaluateAll((all) =>
      all.map((line) => line.textContent.slice(0, -1 - line.querySelector('.badge')!.textContent.length)),
    )
  return lines.join('\n').trimEnd()
}
