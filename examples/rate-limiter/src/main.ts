// Five requests: three at once, and then one every 200 ms.

import { type Cancel, type ReceiveChannel, background, channel, ticker, withCancel } from 'chansel'

/**
 * A channel of permits: `burst` at once, then one every `ms` milliseconds, and never more than `burst` saved up. Ends
 * with `cancel`.
 */
export function permits(burst: number, ms: number, cancel: Cancel): ReceiveChannel<void> {
  const saved = channel<void>(burst)
  for (let i = 0; i < burst; i++) saved.trySend()
  void refill()
  return saved

  async function refill(): Promise<void> {
    using beat = ticker(ms)
    try {
      for (;;) {
        await beat.receive(cancel)
        saved.trySend()
      }
    } catch (error) {
      saved.close(error)
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  using ctx = withCancel(background())
  const limit = permits(3, 200, ctx)
  const start = performance.now()
  for (let request = 1; request <= 5; request++) {
    await limit.receive()
    const seconds = (performance.now() - start) / 1_000
    console.log(`request ${request} after ${seconds.toFixed(1)} s`)
  }
}
