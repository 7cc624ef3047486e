import { setTimeout as realSleep } from 'node:timers/promises'
import { channel, sleep } from 'chansel'
import {
  DeadlockError,
  explore,
  installDeadlockReport,
  leakCheck,
  simulate,
  snapshot,
  watchLeaks,
} from 'chansel/testing'
import { expect } from 'vitest'
import type { Rows } from './row.ts'

export const rows: Rows = {
  '`simulate(body)`, `await t.settled()`': async () => {
    await simulate(async (t) => {
      let ran = false
      void t.go('other', async () => {
        await sleep(3_600_000)
        ran = true
      })
      await t.settled()
      expect(ran).toBe(false)
      await t.advance(3_600_000)
      expect(ran).toBe(true)
    })
  },
  '`installDeadlockReport()`; a `DeadlockError` of `simulate`': async () => {
    await expect(simulate(() => channel().receive())).rejects.toThrow(DeadlockError)
    const uninstall: () => void = installDeadlockReport()
    uninstall()
  },
  "`snapshot()`, `installDeadlockReport({ signal: 'SIGUSR2' })`": async () => {
    const ch = channel<number>(0, { name: 'quiet' })
    const receiving = ch.receive()
    expect(snapshot().map(({ channel: name }) => name)).toContain('quiet')
    ch.close()
    await receiving
    const uninstall: () => void = installDeadlockReport({ signal: 'SIGUSR2' })
    uninstall()
  },
  '`leakCheck(body)`': async () => {
    await leakCheck(async () => void channel<number>(1).trySend(1))
    await expect(leakCheck(async () => void channel().receive())).rejects.toThrow('receive')
  },
  '`watchLeaks(report)`': async () => {
    const stop = watchLeaks(() => {})
    await realSleep(0)
    stop()
  },
  '`explore(body)`': async () => {
    const { complete } = await explore((t) => t.go('task', async () => {}), {
      strategy: 'dfs',
    })
    expect(complete).toBe(true)
  },
}
