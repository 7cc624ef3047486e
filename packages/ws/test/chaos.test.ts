import { expect, test } from 'vitest'
import { runChaos } from './chaos/run.ts'

// A small form of `npm run chaos`. Memory is that command's: here other tests share the process.
test('in the midst of clients that misbehave others count on, and nothing is left', async () => {
  const folder = new URL('./chaos/', import.meta.url)
  const report = await runChaos({ ms: 2_500, unruly: 100, counting: 10, seed: 1, folder })
  const { lost, outOfOrder, cut, faults, connectionsLeft, handlesLeft } = report
  expect({ lost, outOfOrder, cut, faults, connectionsLeft, handlesLeft }).toEqual({
    lost: 0,
    outOfOrder: 0,
    cut: 0,
    faults: [],
    connectionsLeft: 0,
    handlesLeft: [],
  })
  expect(report.counted).toBeGreaterThan(0)
  expect(report.mostConnections).toBeGreaterThan(60)
}, 60_000)
