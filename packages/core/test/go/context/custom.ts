import { CanceledError, type Context, type ContextKey, type DeadlineExceededError, channel } from 'chansel'

/**
 * A context of somebody else's making around one of the package: it says what the inner one says, and the
 * package does not recognise it.
 */
export function wrapped(inner: Context): Context {
  return {
    get done() {
      return inner.done
    },
    get err() {
      return inner.err
    },
    get cause() {
      return inner.cause
    },
    get deadline() {
      return inner.deadline
    },
    get signal() {
      return inner.signal
    },
    value: (key) => inner.value(key),
  }
}

/**
 * A context made from nothing but the platform and a channel, with an end of its own, as a framework may have
 * one. It may carry the values of another context, whose end is none of its business.
 */
export class CustomContext implements Context {
  readonly #controller = new AbortController()
  readonly #done = channel<never>()
  readonly #values: Context | undefined
  readonly deadline = undefined

  constructor(values?: Context) {
    this.#values = values
  }

  get done() {
    return this.#done
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get err(): CanceledError | DeadlineExceededError | undefined {
    return this.signal.aborted ? (this.signal.reason as CanceledError) : undefined
  }

  get cause(): unknown {
    return this.err?.cause ?? this.err
  }

  value<T>(key: ContextKey<T>): T | undefined {
    return this.#values?.value(key)
  }

  cancel(cause?: unknown): void {
    this.#done.close()
    this.#controller.abort(new CanceledError(cause))
  }
}
