import { FrameWalk } from './frame-walk.ts'
import { KEY_BYTES, applyMask } from './mask.ts'

/**
 * Unmasks the data of long frames, in place, before `ws` does, which goes byte by byte; and leaves a key of zeros,
 * so the frame says the same, and `ws` has nothing to unmask. A frame whose key is not in one chunk is left to
 * `ws`.
 *
 * Source: RFC 6455, section 5.3: a key of zeros changes nothing.
 */
export class Unmasker extends FrameWalk {
  readonly #key = new Uint8Array(KEY_BYTES)
  #isUnmasking = false
  /** How much of the frame's data has passed. */
  #passed = 0

  protected override head(chunk: Uint8Array, end: number, isMasked: boolean, size: number): void {
    const start = end - KEY_BYTES
    this.#isUnmasking = isMasked && start >= 0 && size >= LONG_BYTES
    if (!this.#isUnmasking) return
    this.#passed = 0
    for (let i = 0; i < KEY_BYTES; i++) {
      this.#key[i] = chunk[start + i]!
      chunk[start + i] = 0
    }
  }

  protected override body(chunk: Uint8Array, from: number, to: number): void {
    if (!this.#isUnmasking) return
    applyMask(chunk, from, to, this.#key, this.#passed)
    this.#passed += to - from
  }
}

/** With fewer bytes it takes as long as in `ws`. */
export const LONG_BYTES = 256
