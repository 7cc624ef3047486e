// That both programs print the same is in test/twins.test.ts, at the root.

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { serve } from '@chansel/ws/server'
import WebSocket from 'ws'
import { attend } from '../src/main.ts'

test('a use case that fails stops neither the reading nor the writing', async () => {
  const errors: unknown[] = []
  await using listener = await serve({ port: 0, onError: (error) => errors.push(error) }, attend)
  const socket = new WebSocket(`ws://127.0.0.1:${listener.address.port}`)
  const replies: string[] = []
  socket.on('message', (data: Buffer) => replies.push(data.toString()))
  await once(socket, 'open')
  const requests = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 'many' : String(i % 5)))
  for (const request of requests) socket.send(request)
  // What was sent before the close is answered before the close.
  while (replies.length < requests.length) await once(socket, 'message')
  socket.close(1000)
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1000)
  expect(replies).toEqual(
    requests.map((request) =>
      Number(request) > 0 ? `${request}: ${Math.trunc(100 / Number(request))}` : `${request}: failed`,
    ),
  )
  expect(errors).toEqual([])
})

test('one client that is cut leaves the others alone', async () => {
  const errors: unknown[] = []
  await using listener = await serve({ port: 0, onError: (error) => errors.push(error) }, attend)
  const url = `ws://127.0.0.1:${listener.address.port}`
  const [one, other] = [new WebSocket(url), new WebSocket(url)]
  await Promise.all([once(one, 'open'), once(other, 'open')])
  one.send('0')
  await once(one, 'message')
  one.terminate()
  await once(one, 'close')
  other.send('4')
  const [reply] = (await once(other, 'message')) as [Buffer]
  expect(String(reply)).toBe('4: 25')
  other.close()
  await once(other, 'close')
  expect(errors).toEqual([])
})
