import { createServer } from 'node:http'
import express from 'express'
import { type App, share } from './app.ts'
import { cookieOf, logIn } from './session.ts'

export function start(port: number): Promise<App> {
  const app = express()
  app.post('/login', (request, response) => {
    const token = logIn(request.headers.authorization)
    if (token === undefined) return void response.sendStatus(401)
    response.set('Set-Cookie', cookieOf(token)).type('text').send(token)
  })
  // Not `app.listen`, which makes a server that nobody else can reach.
  return share(createServer(app), port)
}
