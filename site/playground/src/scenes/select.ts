import { type Channel, background, channel, withCancel } from 'chansel'
import { Line } from '../model/line.ts'
import { loseOf, maker, user } from '../model/roles.ts'
import { Task } from '../model/task.ts'
import { Tube } from '../model/tube.ts'
import { Values } from '../model/value.ts'
import { sender } from '../programs/queue.ts'
import { chooser } from '../programs/select.ts'
import type { Play, Scene, Settings } from '../scene.ts'
import { sourceOf } from '../sources.ts'
import { waitersNow } from '../waits.ts'
import { pause, rate, work } from './controls.ts'

const TOPICS = ['mail', 'chat', 'news'] as const

export const selecting: Scene = {
  id: 'select',
  title: 'Select',
  lead: 'One task waits on several channels at once, and exactly one case happens. If several are ready, the select takes one at random, so no channel starves another.',
  tries: [
    'While all three buffers have something, each share tends to a third, whatever the rates.',
    'Switch a case off: false takes its place, which is never ready, like Go’s nil channel.',
    'Shorten the work: now the select waits, and takes whatever comes.',
  ],
  forConsole: 'channels.mail.trySend(7)',
  code: sourceOf('select'),
  controls: [
    ...TOPICS.map((topic) => ({ kind: 'switch', id: topic, label: `case ${topic}`, value: true }) as const),
    rate('mail-rate', 'mail', 2),
    rate('chat-rate', 'chat', 4),
    rate('news-rate', 'news', 8),
    work(300),
  ],
  start: play,
}

function play(settings: Settings): Play {
  const ctx = withCancel(background())
  const values = new Values()
  const desk = new Task('chooser', 'select', 'waits in select')
  for (const topic of TOPICS) desk.tallies.set(topic, 0)
  const changes = channel<void>(1, { name: 'changes', overflow: 'drop-oldest' })
  let wanted = ''

  const inputs = TOPICS.map((topic, index) => {
    const input = channel<number>(4, { name: topic })
    const tube = new Tube(topic, input)
    const line = new Line(values, [tube])
    const task = new Task(`sender-${topic}`, topic, 'sends', index + 1)
    const make = maker(task, values, line, () => pause(settings, `${topic}-rate`), ctx)
    task.run(sender(input, make, ctx), () => loseOf(task, values, [line]))
    return {
      topic,
      input,
      tube,
      line,
      task,
      use: user(desk, values, line, () => settings.number('work'), ctx),
    }
  })
  const of = (topic: string) => inputs.find((input) => input.topic === topic)!
  const [mail, chat, news] = inputs.map(({ input }) => input) as [
    Channel<number>,
    Channel<number>,
    Channel<number>,
  ]
  const ended = new Set<string>()

  const program = chooser(
    { mail, chat, news, changes },
    {
      wants: (topic) => settings.isOn(topic) && !ended.has(topic),
      ended: (topic) => void ended.add(topic),
      handle(topic, item) {
        desk.tally(topic)
        return of(topic).use(item)
      },
    },
    ctx,
  )
  desk.run(program, () => loseOf(desk, values, []))

  return {
    columns: [inputs.map(({ task }) => task), inputs.map(({ tube }) => tube), [desk]],
    wires: inputs.flatMap(({ task, tube }) => [[task, tube] as const, [tube, desk] as const]),
    values,
    channels: { mail, chat, news, changes },
    actions: [
      ...inputs.map(({ topic, input }) => ({
        label: `Close ${topic}`,
        said: `${topic} is closed: once it is drained, its case says so and is left out.`,
        run: () => input.close(),
        can: () => !input.closed,
      })),
      {
        label: 'Cancel the context',
        said: 'The context is cancelled: the case “done” happens.',
        run: () => ctx.cancel(),
        can: () => ctx.err === undefined,
      },
    ],
    readouts: [
      { id: 'made', label: 'made', read: () => values.made },
      {
        id: 'senders-wait',
        label: 'wait to send',
        read: () => TOPICS.reduce((sum, topic) => sum + waitersNow('send', topic), 0),
      },
      {
        id: 'length',
        label: 'in the buffers',
        read: () => inputs.reduce((sum, { input }) => sum + input.length, 0),
      },
      { id: 'used', label: 'done', read: () => values.count('used') },
    ],
    update() {
      const now = TOPICS.map((topic) => settings.isOn(topic)).join()
      if (wanted !== now) changes.trySend()
      wanted = now
      for (const { line } of inputs) line.settle()
    },
    stop: () => ctx.cancel(),
  }
}
