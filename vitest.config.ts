import { availableParallelism } from 'node:os'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import type { BrowserProviderOption } from 'vitest/node'
import { chromiumPages } from './scripts/chromium-pages.mjs'
import { findChromium } from './scripts/chromium.mjs'

// The tests run from source: nothing has to be built. Tests in Node are resolved by vite's environment `ssr`, a
// globalSetup by vitest's own `__vitest__`, tests in the browser by the conditions of the root.
const source = '@chansel/source'
// Node does not know the condition `module`, and cannot load what some packages have behind it.
const serverConditions = defaultServerConditions.filter((condition) => condition !== 'module')
const inNode = { resolve: { conditions: [source, ...serverConditions] } }
// Each project spreads this. With `extends: true` vitest would read this file once per project.
const fromSource = {
  resolve: { conditions: [source, ...defaultClientConditions] },
  environments: { ssr: inNode, __vitest__: inNode },
}

/** How many times as long a test may take as on a machine that is not busy. */
const patience = Number(process.env['CHANSEL_PATIENCE'] ?? 1)

function nodeProject(name: string, include: string, timeoutMs = 5_000, more: object = {}) {
  return {
    ...fromSource,
    test: {
      name,
      include: [include],
      testTimeout: patience * timeoutMs,
      hookTimeout: patience * Math.max(timeoutMs, 10_000),
      ...more,
    },
  } satisfies TestProjectConfiguration
}

// A file for each processor: vitest would leave one of them to itself, which waits. What compares costs reads its own process's time.
const busy = { maxWorkers: availableParallelism() }

// Tests of sockets and processes wait for most of their time: several files at once, behind those that measure.
const waiting = { maxWorkers: Math.max(3, availableParallelism() - 1), sequence: { groupOrder: 1 } }

// Starts the server in Node that the tests in the browser talk to.
const browserPeer = 'packages/ws/test-browser/global-setup.ts'

function browserProjects(): TestProjectConfiguration[] {
  const executablePath = findChromium()
  if (executablePath)
    return [
      browserProject('browser', ['packages/*/test-browser/**/*.test.ts'], chromiumPages(executablePath)),
    ]
  const notice = 'No Chromium (CHROMIUM_PATH, /usr/bin/chromium or chromium on the PATH)'
  if (process.env['CI']) throw new Error(`Cannot test the browser: ${notice}`)
  console.warn(`${notice}: the browser tests are left out.`)
  return []
}

/** Tests that run in a page. */
export function browserProject(
  name: string,
  include: string[],
  provider: BrowserProviderOption,
  browser: 'chromium' | 'firefox' | 'webkit' = 'chromium',
) {
  return {
    ...fromSource,
    test: {
      name,
      include,
      globalSetup: [browserPeer],
      testTimeout: patience * 15_000,
      ...waiting,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider,
        instances: [{ browser }],
      },
    },
  } satisfies TestProjectConfiguration
}

export default defineConfig({
  test: {
    projects: [
      nodeProject('core', 'packages/core/test/**/*.test.ts', 5_000, busy),
      nodeProject('ws', 'packages/ws/test/**/*.test.ts', 20_000, waiting),
      ...browserProjects(),
      nodeProject('examples', 'examples/*/test/**/*.test.ts', 60_000, waiting),
      nodeProject('playground', 'site/playground/test/**/*.test.ts', 60_000, waiting),
      nodeProject('bench', 'bench/test/**/*.test.ts', 30_000, busy),
      nodeProject('house', 'test/**/*.test.ts', 120_000, busy),
    ],
  },
})
