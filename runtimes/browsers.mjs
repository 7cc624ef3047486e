// The browsers that are runtimes, and how each opens the pages in which vitest runs tests. They are installed by the
// system (Debian's packages chromium, firefox-esr, and webkit2gtk-driver with xvfb); nothing is downloaded.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { chromiumPages } from '../scripts/chromium-pages.mjs'
import { findChromium } from '../scripts/chromium.mjs'

/** @import { ChildProcess } from 'node:child_process' */
/** @import { BrowserProvider, BrowserProviderOption } from 'vitest/node' */

const FIREFOX = '/usr/bin/firefox-esr'
const WEBKIT = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'
const XVFB = '/usr/bin/Xvfb'

/**
 * @typedef {object} Browser
 * @property {string} title
 * @property {string | undefined} path `undefined` if it cannot be had here
 * @property {boolean} [needsDisplay] whether it does nothing without one, not even tell its version
 * @property {() => BrowserProviderOption} pages
 * @property {string} [target] the language that it understands, if that is older than the tests
 * @property {string[]} [setupFiles] what a program has to load there before the package
 */

/** @type {Record<'chromium' | 'firefox' | 'webkit', Browser>} */
export const browsers = {
  chromium: {
    title: 'Chromium',
    path: findChromium(),
    pages: () => chromiumPages(findChromium() ?? ''),
  },
  firefox: {
    title: 'Firefox',
    path: found(FIREFOX),
    pages: () => pagesOf(startFirefox),
  },
  webkit: {
    title: 'WebKitGTK',
    path: found(XVFB) && found(WEBKIT),
    needsDisplay: true,
    pages: () => pagesOf(startWebKit),
    target: 'es2022',
    setupFiles: ['runtimes/symbol-dispose.ts'],
  },
}

/** @typedef {(url: string) => Promise<() => Promise<void>>} Start opens a page in a browser of its own; the result ends it */

/**
 * A provider whose pages have no commands, no locators and no mocks: they run tests.
 *
 * @param {Start} start
 * @returns {BrowserProviderOption}
 */
function pagesOf(start) {
  // Only Playwright's server remains, from which the pages load the tests.
  return { ...playwright(), providerFactory: () => new Pages(start) }
}

/** @implements {BrowserProvider} */
class Pages {
  name = 'playwright'
  supportsParallelism = false
  #start
  /** @type {(() => Promise<void>) | undefined} */
  #end

  /** @param {Start} start */
  constructor(start) {
    this.#start = start
  }

  getCommandsContext() {
    return {}
  }

  /**
   * @param {string} _sessionId
   * @param {string} url
   */
  async openPage(_sessionId, url) {
    await this.close()
    this.#end = await this.#start(url)
  }

  async close() {
    await this.#end?.()
    this.#end = undefined
  }
}

const FIREFOX_PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'termsofuse.bypassNotification': true,
  'toolkit.telemetry.enabled': false,
}

/** @type {Start} */
async function startFirefox(url) {
  const profile = mkdtempSync(join(tmpdir(), 'chansel-firefox-'))
  const lines = Object.entries(FIREFOX_PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  writeFileSync(join(profile, 'user.js'), lines.join(''))
  const end = start(FIREFOX, ['--headless', '--no-remote', '--profile', profile, url], { HOME: profile })
  return async () => {
    await end()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** @type {Start} */
async function startWebKit(url) {
  const screen = await openDisplay()
  const end = start(WEBKIT, ['--private', url], {
    DISPLAY: screen.display,
    GDK_BACKEND: 'x11',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
  })
  return async () => {
    await end()
    await screen.close()
  }
}

/** A screen that nobody sees. */
export async function openDisplay() {
  const screen = spawn(XVFB, ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  /** @type {string} */
  const number = await new Promise((resolve, reject) => {
    screen.once('error', reject)
    screen.stdio[3]?.once('data', (text) => resolve(String(text).trim()))
  })
  return { display: `:${number}`, close: () => ended(screen, () => screen.kill('SIGKILL')) }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {() => Promise<void>} ends it, with the processes that it started
 */
function start(command, args, env) {
  const child = spawn(command, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } })
  return () => ended(child, () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'))
}

/**
 * @param {ChildProcess} child
 * @param {() => void} kill
 */
async function ended(child, kill) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  kill()
  await closed
}

/** @param {string} path */
function found(path) {
  return existsSync(path) ? path : undefined
}
