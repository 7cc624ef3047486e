// For reference: what it costs to send a value to another thread. The CPU time of both threads counts.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Library, type Load, expectEqual, sumBelow } from '../library.ts'

/** Adds up what comes and acknowledges every `each`th value; returns the sum for a negative value. */
const receiver = `
  const { workerData: { port, each } } = require('node:worker_threads')
  let sum = 0
  let count = 0
  port.on('message', (value) => {
    if (value < 0) {
      port.postMessage(sum)
      sum = count = 0
      return
    }
    sum += value
    if (++count % each === 0) port.postMessage(value)
  })
`

/** A window of `2 * each` values on their way, with an acknowledgement for each half. */
function transfer(each: number, window: number): Load {
  let port: MessagePort | undefined
  return async (n) => {
    port ??= startReceiver(each)
    const answers = answersOf(port)
    let acknowledged = 0
    for (let i = 0; i < n; i++) {
      while (i - acknowledged >= window) {
        await answers()
        acknowledged += each
      }
      port.postMessage(i)
    }
    for (; acknowledged + each <= n; acknowledged += each) await answers()
    port.postMessage(-1)
    expectEqual('sum', await answers(), sumBelow(n))
    return {}
  }
}

function startReceiver(each: number): MessagePort {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(receiver, {
    eval: true,
    workerData: { port: port2, each },
    transferList: [port2],
  })
  worker.unref()
  return port1
}

/** The messages of a port, one for each call. */
function answersOf(port: MessagePort): () => Promise<number> {
  const arrived: number[] = []
  let wake: (() => void) | null = null
  port.removeAllListeners('message')
  port.on('message', (value: number) => {
    arrived.push(value)
    wake?.()
  })
  return async () => {
    while (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return arrived.shift()!
  }
}

export const library: Library = {
  loads: {
    'spsc-unbuffered': { run: transfer(1, 1), note: 'to another thread, each value acknowledged' },
    'spsc-buffered-128': { run: transfer(64, 128), note: 'to another thread, a window of 128' },
  },
}
