/**
 * What has come so far of a message in fragments.
 *
 * Invariant: it is the first `bytes` of `#kept`. Fragments are copied, because there may be very many small ones,
 * into a buffer that is twice as large each time it is full.
 */
export class Gathering {
  bytes = 0
  readonly #limitBytes: number
  #kept = NONE

  /** @param limitBytes more than this is hardly ever kept */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  add(data: Uint8Array): void {
    const bytes = this.bytes + data.length
    if (bytes > this.#kept.length) {
      const larger = new Uint8Array(Math.max(bytes, Math.min(2 * bytes, this.#limitBytes)))
      larger.set(this.#kept.subarray(0, this.bytes))
      this.#kept = larger
    }
    this.#kept.set(data, this.bytes)
    this.bytes = bytes
  }

  /** All of it; begins anew. */
  take(): Uint8Array {
    const all = this.#kept.subarray(0, this.bytes)
    this.#kept = NONE
    this.bytes = 0
    return all
  }
}

const NONE = new Uint8Array(0)
