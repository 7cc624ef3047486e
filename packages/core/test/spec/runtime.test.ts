import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const sources = fileURLToPath(new URL('../../src/', import.meta.url))

/** The sources by their path, without comments. */
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => ({
    path: path.replaceAll('\\', '/'),
    code: withoutComments(readFileSync(sources + path, 'utf8')),
  }))

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*/g, '')
}

describe('R8 every wake-up, random pick, clock reading, timer and spawn goes through one object', () => {
  test.each([
    ['Math.random', ['internal/runtime.ts']],
    // In the testing kit it is the time that passes outside of a simulation, as with `setTimeout`.
    ['performance.now', ['internal/runtime.ts', 'testing/outside.ts']],
    ['Date.now', ['internal/runtime.ts']],
    ['new Date', []],
    ['setImmediate', ['internal/turns.ts']],
    ['MessageChannel', ['internal/turns.ts']],
    ['queueMicrotask', []],
    [
      'setTimeout(',
      ['internal/alarms.ts', 'internal/workerd-alarms.ts', 'internal/workerd-turns.ts', 'testing/outside.ts'],
    ],
    ['clearTimeout(', ['internal/alarms.ts', 'internal/workerd-alarms.ts']],
    ['setInterval', []],
    ['Promise.race', []],
    ['async function*', []],
  ])('%s is found in %j alone', (text, allowed) => {
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter(({ code }) => code.includes(text)).map(({ path }) => path)).toEqual(allowed)
  })
})
