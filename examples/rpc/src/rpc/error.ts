import { SchemaError } from '@chansel/ws'

/** A call that failed, as both sides see it. Anything else that a handler throws is not the client's business. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  /** `INVALID_INPUT`, `NO_SUCH_METHOD`, `TOO_MANY_CALLS`, `INTERNAL`, or one of the program's own. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** What the client is told of an error; `undefined`: only that it is internal. */
export function tellable(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error
  return error instanceof SchemaError ? new RpcError('INVALID_INPUT', error.message) : undefined
}
