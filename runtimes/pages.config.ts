// The tests of core and of the adapter in a page of a browser, the one that CHANSEL_BROWSER names: those written for pages,
// and all of core's that need no module of Node.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { browserProject } from '../vitest.config.ts'
import { browsers } from './browsers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const name = process.env['CHANSEL_BROWSER'] as keyof typeof browsers
const { path, pages, target, setupFiles = [] } = browsers[name]
if (path === undefined) throw new Error(`Cannot test in ${name}: there is none here`)

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
  .filter((file) => file.endsWith('.test.ts') && !needsNode(join(root, tests, file)))
  .map((file) => `${tests}/${file}`)

export default defineConfig({
  root,
  test: {
    projects: [
      project('core', ['packages/core/test-browser/**/*.test.ts', ...portable]),
      project('ws', ['packages/ws/test-browser/**/*.test.ts']),
    ],
  },
})

function project(suite: string, include: string[]): TestProjectConfiguration {
  const base = browserProject(suite, include, pages(), name)
  return { ...base, ...(target && { oxc: { target } }), test: { ...base.test, setupFiles } }
}
