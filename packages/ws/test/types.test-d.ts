// What the compiler says of connections, codecs and options: the compiler is the test.

import { group } from 'chansel'
import { type Codec, type ConnectionOptions, type Message, dial, json, redial, withCodec } from '@chansel/ws'
import { type Hub, type Refusal, listen, serve } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import type { Server } from 'node:http'
import { expectTypeOf } from 'vitest'

interface Animal {
  name: string
}
interface Dog extends Animal {
  bark(): void
}

// A codec decodes to what it decodes, and encodes no more than it can.
expectTypeOf<Codec<Dog, Animal>>().toExtend<Codec<Animal, Dog>>()
expectTypeOf<Codec<Dog, Dog>>().not.toExtend<Codec<Dog, Animal>>()
expectTypeOf<Codec<Animal, Dog>>().not.toExtend<Codec<Dog, Dog>>()
expectTypeOf<Hub<'a'>>().not.toExtend<Hub>()
expectTypeOf<Hub>().not.toExtend<Hub<'a'>>()

// An option that is undefined is left out.
const nothing: { incomingCapacity?: number; closeTimeoutMs?: number; protocols?: string[] } = {}
const { incomingCapacity, closeTimeoutMs, protocols } = nothing
const options: ConnectionOptions = {
  incomingCapacity,
  closeTimeoutMs,
  heartbeat: undefined,
  parent: undefined,
}
void dial('ws://127.0.0.1', { ...options, protocols, headers: undefined })
redial('ws://127.0.0.1', { backoff: { minMs: undefined }, giveUp: undefined, closeTimeoutMs })
void listen({ ...options, port: 0, host: undefined, path: undefined, protocols })
void listen({ port: 0, authorize: undefined, onError: undefined })
json(undefined, { onInvalid: undefined })
expectTypeOf<{ status: 401; headers: undefined; body: undefined }>().toExtend<Refusal>()

// What hears of errors may take them to be errors.
void listen({ port: 0, onError: (error: Error) => console.error(error.message) })
pipe({ ...options, protocol: undefined })

// A handler may return what it likes to, in a promise.
void serve({ port: 0 }, (conn) => conn.close())
void serve({ port: 0 }, (conn) => group(conn.ctx, async () => 5))
void serve({ port: 0 }, async (conn) => {
  for await (const message of conn.incoming) expectTypeOf(message).toEqualTypeOf<Message>()
})
// @ts-expect-error but it is asynchronous
void serve({ port: 0 }, () => 5)

// A port of its own, or a server: not both.
declare const server: Server
void listen({ server })
// @ts-expect-error
void listen({ port: 0, server })
// @ts-expect-error
void listen({})

// Where the program dials, the options of a dial are for its own dial.
redial((ctx) => dial('ws://127.0.0.1', {}, ctx), { outboxCapacity: 1, parent: undefined })
// @ts-expect-error
redial((ctx) => dial('ws://127.0.0.1', {}, ctx), { headers: { a: 'b' } })
// @ts-expect-error a connection with a codec has no messages
redial(async () => withCodec(pipe()[0], json<number>()))
