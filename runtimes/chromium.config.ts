// The tests of core and of the adapter in a Chromium page: those written for pages, and all of core's that need no module
// of Node.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { findChromium } from '../scripts/chromium.mjs'
import { browserProject } from '../vitest.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const chromium = findChromium()
if (chromium === undefined) throw new Error('Cannot test in Chromium: there is none here')

/** Whether a module, or one that it imports from the tests, imports one of Node. */
function needsNode(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false
  seen.add(path)
  const imports = readFileSync(path, 'utf8').matchAll(
    /^(?:import|export) .*?from '([^']+)'|^} from '([^']+)'/gms,
  )
  for (const [, whole, end] of imports) {
    const specifier = whole ?? end ?? ''
    if (specifier.startsWith('node:')) return true
    const file = join(dirname(path), specifier)
    if (specifier.startsWith('.') && existsSync(file) && needsNode(file, seen)) return true
  }
  return false
}

const tests = 'packages/core/test'
const portable = readdirSync(join(root, tests), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !needsNode(join(root, tests, name)))
  .map((name) => `${tests}/${name}`)

export default defineConfig({
  root,
  test: {
    projects: [
      browserProject('core', ['packages/core/test-browser/**/*.test.ts', ...portable], chromium),
      browserProject('ws', ['packages/ws/test-browser/**/*.test.ts'], chromium),
    ],
  },
})
