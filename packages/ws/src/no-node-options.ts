import { UnsupportedError } from './errors.ts'
import type { NodeOptions } from './node-options.ts'

/** A page can set none of these. If they were ignored in silence, it would not be the request that was asked for. */
export function readNodeOptions(_: string, { headers, tls, agent }: NodeOptions): undefined {
  if (headers !== undefined || tls !== undefined || agent !== undefined)
    throw new UnsupportedError('use headers, tls or agent')
}
