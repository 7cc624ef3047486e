import { createServer } from 'node:http'
import { type App, share } from './app.ts'
import { cookieOf, logIn } from './session.ts'

export function start(port: number): Promise<App> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/login') return void response.writeHead(404).end()
    const token = logIn(request.headers.authorization)
    if (token === undefined) return void response.writeHead(401).end()
    response.setHeader('Set-Cookie', cookieOf(token))
    response.end(token)
  })
  return share(server, port)
}
