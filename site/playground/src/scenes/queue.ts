import { type Context, type Overflow, background, withCancel } from 'chansel'
import { Crew } from '../model/crew.ts'
import { Line } from '../model/line.ts'
import { loseOf, maker, user } from '../model/roles.ts'
import { Task } from '../model/task.ts'
import { Tube } from '../model/tube.ts'
import { Values } from '../model/value.ts'
import { makeJobs, receiver, sender } from '../programs/queue.ts'
import type { Control, Play, Scene, Settings } from '../scene.ts'
import { sourceOf } from '../sources.ts'
import { waitersNow } from '../waits.ts'
import { capacity, count, pause, rate, work } from './controls.ts'

/** Three scenes of one program: what differs is the channel. */

export const rendezvous: Scene = {
  id: 'rendezvous',
  title: 'Rendezvous',
  lead: 'A channel without a buffer hands each value from a sender to a receiver. Whoever comes first waits for the other.',
  tries: [
    'Remove all receivers: every sender holds one value, and waits.',
    'Add receivers: now it is they who wait, and the one that has waited longest is served first.',
    'Close the channel: senders that wait fail, and receivers that wait are told of the end.',
  ],
  forConsole: 'channels.jobs.trySend(7)',
  code: sourceOf('queue'),
  controls: [
    count('senders', 'Senders', 3),
    count('receivers', 'Receivers', 2),
    rate('rate', 'Each sender makes', 2),
    work(700),
  ],
  start: (settings) => play(settings, 0, 'wait'),
}

export const buffer: Scene = {
  id: 'buffer',
  title: 'Buffer and backpressure',
  lead: 'A buffer lets senders run ahead by its capacity, and no further. When it is full they wait: the slow side sets the pace, and memory stays bounded.',
  tries: [
    'Make the receivers slower than the senders: the buffer fills, and then the senders wait.',
    'Add receivers, or give them less work for each value: the buffer drains, and nobody waits to send.',
    'Close the channel while it is full: receivers still get what is in it, and then the end.',
  ],
  forConsole: 'channels.jobs.trySend(7)',
  code: sourceOf('queue'),
  controls: [
    capacity(6, 0),
    count('senders', 'Senders', 2),
    count('receivers', 'Receivers', 1),
    rate('rate', 'Each sender makes', 3),
    work(350),
  ],
  start: (settings) => play(settings, settings.number('capacity'), 'wait'),
}

export const overflow: Scene = {
  id: 'overflow',
  title: 'Overflow policies',
  lead: 'If having the newest value matters more than having every value, a channel can drop values instead of making its senders wait. It counts what it drops.',
  tries: [
    'drop-oldest keeps the latest values: prices, positions, frames.',
    'drop-newest keeps what came first: tickets, seats.',
    'wait is the default: nothing is lost, and the senders are held back.',
  ],
  forConsole: 'channels.jobs.trySend(7)',
  code: sourceOf('queue'),
  controls: [
    {
      kind: 'choice',
      id: 'overflow',
      label: 'Overflow',
      options: ['wait', 'drop-oldest', 'drop-newest'],
      value: 'drop-oldest',
      restarts: true,
    },
    capacity(4, 1),
    count('senders', 'Senders', 2),
    count('receivers', 'Receivers', 1),
    rate('rate', 'Each sender makes', 3),
    work(600),
  ] satisfies Control[],
  start: (settings) => play(settings, settings.number('capacity'), settings.choice('overflow') as Overflow),
}

function play(settings: Settings, capacity: number, policy: Overflow): Play {
  const ctx = withCancel(background())
  const values = new Values()
  const jobs = makeJobs(capacity, policy)
  const tube = new Tube('jobs', jobs)
  const line = new Line(values, [tube], policy)

  const senders = new Crew(ctx, (number, own: Context) => {
    const task = new Task(`sender-${number}`, `sender ${number}`, 'sends', number)
    const make = maker(task, values, line, () => pause(settings, 'rate'), own)
    task.run(sender(jobs, make, own), () => loseOf(task, values, [line]))
    return task
  })
  const receivers = new Crew(ctx, (number, own: Context) => {
    const task = new Task(`receiver-${number}`, `receiver ${number}`, 'receives')
    const use = user(task, values, line, () => settings.number('work'), own)
    task.run(receiver(jobs, use, own), () => loseOf(task, values, []))
    return task
  })

  return {
    get columns() {
      return [senders.tasks, [tube], receivers.tasks]
    },
    get wires() {
      return [
        ...senders.tasks.map((task) => [task, tube] as const),
        ...receivers.tasks.map((task) => [tube, task] as const),
      ]
    },
    values,
    channels: { jobs },
    actions: [
      {
        label: 'Close the channel',
        said: 'The channel is closed: receivers drain it, and senders fail.',
        run: () => jobs.close(),
        can: () => !jobs.closed,
      },
      {
        label: 'Cancel the context',
        said: 'The context is cancelled: every wait has ended with a CanceledError.',
        run: () => ctx.cancel(),
        can: () => ctx.err === undefined,
      },
    ],
    readouts: [
      { id: 'made', label: 'made', read: () => values.made },
      { id: 'senders-wait', label: 'wait to send', read: () => waitersNow('send', 'jobs') },
      { id: 'length', label: 'in the buffer', read: () => jobs.length },
      { id: 'receivers-wait', label: 'wait to receive', read: () => waitersNow('receive', 'jobs') },
      { id: 'used', label: 'done', read: () => values.count('used') },
      { id: 'dropped', label: 'dropped', read: () => jobs.dropped },
    ],
    update() {
      if (ctx.err === undefined) {
        senders.resize(settings.number('senders'))
        receivers.resize(settings.number('receivers'))
      }
      line.settle()
    },
    stop: () => ctx.cancel(),
  }
}
