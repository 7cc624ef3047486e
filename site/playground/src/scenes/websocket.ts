import { background, withCancel } from 'chansel'
import type { Message } from '@chansel/ws'
import { cut } from '@chansel/ws/testing'
import { Line } from '../model/line.ts'
import { loseOf, maker, user } from '../model/roles.ts'
import { Task } from '../model/task.ts'
import { Tube } from '../model/tube.ts'
import { Values } from '../model/value.ts'
import { connect, consumer, network, sender } from '../programs/websocket.ts'
import type { Play, Scene, Settings } from '../scene.ts'
import { sourceOf } from '../sources.ts'
import { count, pause, rate, work } from './controls.ts'

/** A message is its number, padded to this many bytes. */
const MESSAGE_BYTES = 1_024

export const webSocket: Scene = {
  id: 'websocket',
  title: 'WebSocket under backpressure',
  lead: 'A slow consumer lets its incoming queue fill up. Then reading pauses, the network fills up, then the sender’s buffer, and at last send() waits. Nothing is lost, and every place has a bound.',
  tries: [
    'Watch the places fill from right to left. Then make the consumer fast: they drain in the same order.',
    'A larger high-water mark lets the sender run further ahead, and takes more of its memory.',
    'Cut the network: both ends see code 1006, and what is in the sender’s buffer stays unsent.',
  ],
  forConsole: "channels['client.outgoing'].length",
  code: sourceOf('websocket'),
  controls: [
    rate('rate', 'Client sends', 5),
    work(600, 'Consumer works'),
    {
      kind: 'range',
      id: 'carry',
      label: 'Network takes',
      min: 20,
      max: 1_000,
      step: 20,
      value: 160,
      text: (ms) => `${ms} ms`,
    },
    { ...count('mark', 'High-water mark (KiB)', 4, 8), min: 1, restarts: true },
    { ...count('incoming', 'Incoming capacity', 4, 8), min: 1, restarts: true },
  ],
  start: play,
}

function play(settings: Settings): Play {
  const ctx = withCancel(background())
  const values = new Values()
  const { client, near, far, server } = connect(
    settings.number('mark') * MESSAGE_BYTES,
    settings.number('incoming'),
    ctx,
  )
  const sent = new Tube('client.outgoing', client.outgoing, settings.number('mark'))
  const entering = new Tube('near.incoming', near.incoming)
  const leaving = new Tube('far.outgoing', far.outgoing, 1)
  const arrived = new Tube('server.incoming', server.incoming)
  const firstLine = new Line(values, [sent, entering])
  const secondLine = new Line(values, [leaving, arrived])

  const sending = new Task('client', 'client', 'sends')
  const make = maker(sending, values, firstLine, () => pause(settings, 'rate'), client.ctx)
  const makeMessage = async () => `${await make()}`.padStart(MESSAGE_BYTES)
  sending.run(sender(client, makeMessage), () => loseOf(sending, values, [firstLine]))

  const carrying = new Task('network', 'network', 'reads', 2)
  const carry = async (message: Message) => {
    const value = firstLine.take(Number(message), carrying)
    carrying.holds = value
    await carrying.busy(`carries ${Number(message)}`, settings.number('carry'))
    if (value !== undefined) secondLine.offer(value)
  }
  carrying.run(network(near, far, carry), () => loseOf(carrying, values, [secondLine]))

  const consuming = new Task('consumer', 'consumer', 'reads', 3)
  const use = user(consuming, values, secondLine, () => settings.number('work'), ctx)
  const useMessage = (message: Message) => use(Number(message))
  consuming.run(consumer(server, useMessage), () => loseOf(consuming, values, []))

  let hasEnded = false
  void client.closed.then(() => (hasEnded = true))
  return {
    columns: [[sending], [sent], [entering], [carrying], [leaving], [arrived], [consuming]],
    wires: [
      [sending, sent],
      [sent, entering],
      [entering, carrying],
      [carrying, leaving],
      [leaving, arrived],
      [arrived, consuming],
    ],
    values,
    channels: {
      'client.outgoing': client.outgoing,
      'near.incoming': near.incoming,
      'far.outgoing': far.outgoing,
      'server.incoming': server.incoming,
    },
    actions: [
      {
        label: 'Close',
        said: 'The client closes: what it has sent arrives before the end.',
        run: () => void client.close(),
        can: () => !client.outgoing.closed,
      },
      {
        label: 'Cut the network',
        said: 'The network is cut: both ends see code 1006, and what is in the sender’s buffer stays unsent.',
        run: () => cut(client),
        can: () => !hasEnded,
      },
    ],
    readouts: [
      { id: 'made', label: 'made', read: () => values.made },
      {
        id: 'senders-wait',
        label: 'send() waits',
        read: () => (sending.value === undefined ? 0 : 1),
      },
      { id: 'outgoing', label: 'sender’s buffer', read: () => client.outgoing.length },
      {
        id: 'network',
        label: 'in the network',
        read: () => near.incoming.length + far.outgoing.length + (carrying.value === undefined ? 0 : 1),
      },
      { id: 'incoming', label: 'incoming queue', read: () => server.incoming.length },
      { id: 'used', label: 'done', read: () => values.count('used') },
    ],
    update() {
      firstLine.settle()
      secondLine.settle()
    },
    stop() {
      ctx.cancel()
      for (const end of [client, far]) cut(end)
    },
  }
}
