import { type Cancel, type ReceiveChannel, channel, ticker } from 'chansel'

/**
 * A channel of permits: `burst` at once, then one each `ms` milliseconds, and never more than `burst` saved up. Ends
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
