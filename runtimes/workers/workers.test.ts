// The packages as published, in a Worker in Cloudflare's own runtime.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { Installed } from '../../test/support/installed.ts'

const [workerd] = JSON.parse(process.env['CHANSEL_RUNTIME']!) as [string]
const here = new URL('.', import.meta.url)

let installed: Installed
let server: ChildProcess
let origin: string

beforeAll(async () => {
  installed = new Installed()
  const [chunk] = await installed.bundle(readFileSync(new URL('worker.ts', here), 'utf8'), {
    // As wrangler does.
    resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import'] },
  })
  writeFileSync(join(installed.folder, 'worker.js'), chunk!.code)
  const config = readFileSync(new URL('config.capnp', here))
  writeFileSync(join(installed.folder, 'config.capnp'), config)
  // It tells its port at the end of a pipe.
  server = spawn(workerd, ['serve', '--experimental', '--control-fd=3', 'config.capnp'], {
    cwd: installed.folder,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const said = await new Promise<Buffer>((resolve, reject) => {
    ;(server.stdio[3] as Socket).once('data', resolve)
    server.once('exit', (code) => reject(new Error(`workerd ended with ${code}`)))
  })
  origin = `http://127.0.0.1:${JSON.parse(said.toString()).port}`
}, 120_000)
afterAll(() => {
  // While a request hangs, it goes on until that ends.
  server.kill('SIGKILL')
  installed[Symbol.dispose]()
})

async function get(path: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(`${origin}/${path}`, { signal: signal ?? null })
  return response.text()
}

function textOf(data: RawData): string {
  return (data as Buffer).toString()
}

/** Sends each of `messages`, collects as many, and closes. */
function talk(path: string, messages: readonly (string | Buffer)[]): Promise<unknown[]> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/${path}`)
  const heard: unknown[] = []
  socket.on('open', () => messages.forEach((message) => socket.send(message)))
  socket.on('message', (data, isBinary) => {
    if (heard.push(isBinary ? data : textOf(data)) === messages.length) socket.close(1000, 'bye')
  })
  return new Promise((resolve, reject) => {
    socket.on('close', (code, reason) => resolve([...heard, code, String(reason)])).on('error', reject)
  })
}

test.each([
  ['deadline', 'ERR_DEADLINE_EXCEEDED'],
  ['fetch', 'ERR_DEADLINE_EXCEEDED'],
  ['tick', 'ticked'],
  ['yield', 'yielded'],
  ['stock', '500'],
  ['lock', '0,1,2'],
  ['sum?count=200000', '19999900000'],
])('a request may %s', async (path, outcome) => {
  expect(await get(path)).toBe(outcome)
})

test('requests sleep at the same time, each for its own time', async () => {
  const slept = await Promise.all([400, 100, 250].map((ms) => get(`sleep?ms=${ms}`)))
  for (const [i, ms] of [400, 100, 250].entries()) {
    expect(Number(slept[i])).toBeGreaterThanOrEqual(ms)
    expect(Number(slept[i])).toBeLessThan(ms + 140)
  }
})

test('one that is cut off while it waits takes nothing from the others', async () => {
  const client = new AbortController()
  const cut = Promise.all(['sleep?ms=300', 'sum?count=3000000'].map((path) => get(path, client.signal)))
  await new Promise((resolve) => setTimeout(resolve, 100))
  client.abort()
  await expect(cut).rejects.toThrow('abort')
  expect(Number(await get('sleep?ms=500'))).toBeGreaterThanOrEqual(500)
  expect(await get('sum?count=100000')).toBe('4999950000')
})

test('a value goes from one request to another', async () => {
  const received = get('receive')
  expect(await get('send?value=1')).toBe('sent')
  expect(await received).toBe('1')
})

test.each(['echo', 'room'])('%s: a WebSocket of a pair is a connection', async (path) => {
  const messages = ['a', Buffer.from([0, 255]), 'ä'.repeat(1_000)]
  expect(await talk(path, messages)).toEqual([...messages, 1000, 'bye'])
})

test('all who are in a Durable Object hear each other', async () => {
  const sockets = [0, 1].map(() => new WebSocket(`${origin.replace('http', 'ws')}/room`))
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))))
  const heard = Promise.all(
    sockets.map(
      (socket) => new Promise((resolve) => socket.once('message', (data) => resolve(textOf(data)))),
    ),
  )
  sockets[0]!.send('hello')
  expect(await heard).toEqual(['hello', 'hello'])
  for (const socket of sockets) socket.terminate()
})

test.each([
  ['dial', 'hello, too'],
  ['redial', 'redialled'],
])('a Worker may %s', async (path, outcome) => {
  const peer = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  peer.on('connection', (socket) =>
    socket.once('message', (data) => {
      socket.send(`${textOf(data)}, too`)
      if (path === 'redial') socket.close(1012)
    }),
  )
  await new Promise((resolve) => peer.once('listening', resolve))
  const url = `ws://127.0.0.1:${(peer.address() as AddressInfo).port}`
  expect(await get(`${path}?url=${encodeURIComponent(url)}`)).toBe(outcome)
  peer.close()
})
