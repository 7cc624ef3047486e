import type { ReceiveChannel } from '../channel.ts'
import { ReceiveView } from '../views.ts'

/** The read side of a channel that something else feeds. Disposing of it stops the feeding. */
export class DisposableView<T> extends ReceiveView<T> implements Disposable {
  readonly #stop: () => void

  constructor(ch: ReceiveChannel<T>, stop: () => void) {
    super(ch)
    this.#stop = stop
  }

  /** A value that came for a receive that was taken back is held beyond the capacity. */
  override get length(): number {
    return Math.min(super.length, this.capacity)
  }

  [Symbol.dispose](): void {
    this.#stop()
  }
}
