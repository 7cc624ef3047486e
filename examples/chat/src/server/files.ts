import { readdir, readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { extname } from 'node:path'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

const headers = {
  // The page loads its own files and talks to its own server; nothing in a message can change that.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A restarted server may have other files.
  'cache-control': 'no-cache',
}

/**
 * Serves the files of one folder, as they are now.
 *
 * They are few and small, so they are read once. After that, a request asks for a key of a Map and never for a path:
 * there is no way out of the folder.
 */
export async function serveFiles(folder: URL): Promise<RequestListener> {
  const files = new Map<string, { body: Buffer; type: string }>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = entry.name === 'index.html' ? '/' : `/${entry.name}`
    files.set(path, { body: await readFile(new URL(entry.name, folder)), type })
  }
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const file = files.get(path)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end()
    } else if (!file) {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('Not found\n')
    } else {
      // Node leaves the body out of the answer to a HEAD.
      const { body, type } = file
      response.writeHead(200, { ...headers, 'content-type': type, 'content-length': body.length }).end(body)
    }
  }
}
