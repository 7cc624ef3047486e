// Chromium pages in which vitest runs tests, without Playwright listening.
//
// They are not Playwright's own pages. Playwright makes Chromium report each message on each socket, and this cannot be
// switched off: every message goes through the browser's process into vitest's, which is two fifths of what the tests of
// the adapter cost. Playwright leaves alone a page that was not opened through it.

import { playwright } from '@vitest/browser-playwright'
import { chromium } from 'playwright-core'
import { chromiumFlags } from './chromium.mjs'

/** @import { BrowserProvider, BrowserProviderOption } from 'vitest/node' */

/**
 * A provider whose pages have no commands, no locators and no mocks: they run tests.
 *
 * @param {string} executablePath
 * @returns {BrowserProviderOption}
 */
export function chromiumPages(executablePath) {
  // Only Playwright's server remains, from which the pages load the tests.
  return { ...playwright(), providerFactory: () => new Pages(executablePath) }
}

/** @implements {BrowserProvider} */
class Pages {
  name = 'playwright'
  supportsParallelism = true
  #executablePath
  /** @type {ReturnType<typeof launch> | undefined} */
  #launched
  /** @type {Map<string, string>} the profile of each session */
  #profiles = new Map()

  /** @param {string} executablePath */
  constructor(executablePath) {
    this.#executablePath = executablePath
  }

  getCommandsContext() {
    return {}
  }

  /**
   * @param {string} sessionId
   * @param {string} url
   */
  async openPage(sessionId, url) {
    const { devtools } = await (this.#launched ??= launch(this.#executablePath))
    const before = this.#profiles.get(sessionId)
    if (before !== undefined)
      await devtools.send('Target.disposeBrowserContext', { browserContextId: before })
    const { browserContextId } = await devtools.send('Target.createBrowserContext')
    this.#profiles.set(sessionId, browserContextId)
    await devtools.send('Target.createTarget', { url, browserContextId })
  }

  async close() {
    const launched = await this.#launched
    await launched?.browser.close()
  }
}

/** @param {string} executablePath */
async function launch(executablePath) {
  const browser = await chromium.launch({ executablePath, args: chromiumFlags })
  return { browser, devtools: await browser.newBrowserCDPSession() }
}
