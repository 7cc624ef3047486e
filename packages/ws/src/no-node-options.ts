import { UnsupportedError } from './errors.ts'
import type { NodeOptions } from './node-options.ts'

/** A page can set none of them: left out without a word, it would be another request. */
export function readNodeOptions(_: string, { headers, tls, agent }: NodeOptions): undefined {
  if (headers !== undefined || tls !== undefined || agent !== undefined)
    throw new UnsupportedError('use headers, tls or agent')
}
