import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/**
 * The URL that the client dialled, as far as the request tells. Requests for the same one, one after the other,
 * share its string.
 */
export function requestUrl(request: IncomingMessage): string {
  // By its value, because on Bun every socket has the property.
  const isEncrypted = (request.socket as Partial<TLSSocket>).encrypted === true
  const scheme = isEncrypted ? 'wss' : 'ws'
  const dialled = `${scheme}://${request.headers.host ?? ''}${targetOf(request)}`
  return dialled === lastUrl ? lastUrl : (lastUrl = dialled)
}

let lastUrl = ''

/** The path and the query that are asked for. A client may name the whole URL: RFC 9112, section 3.2.2. */
export function targetOf({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/') || !URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** Whether a `Host` header is the authority of a URL: RFC 9112, section 3.2. */
export function isHost(host: string): boolean {
  return !/[/?#@\\\s]/.test(host) && URL.canParse(`ws://${host}`)
}
