import { background, channel, withCancel } from 'chansel'
import { Line } from '../model/line.ts'
import { loseOf, maker, user } from '../model/roles.ts'
import { Task } from '../model/task.ts'
import { Tube } from '../model/tube.ts'
import { Values } from '../model/value.ts'
import { pool } from '../programs/pool.ts'
import { receiver, sender } from '../programs/queue.ts'
import type { Play, Scene, Settings } from '../scene.ts'
import { sourceOf } from '../sources.ts'
import { waitersNow } from '../waits.ts'
import { capacity, count, pause, rate, work } from './controls.ts'

export const workerPool: Scene = {
  id: 'pool',
  title: 'Worker pool',
  lead: 'A fixed number of workers share one channel of jobs. The group returns when all of them have; the first failure cancels the others.',
  tries: [
    'Close jobs: the workers drain it and return, the group ends, and results is closed.',
    'Let a worker fail: the group cancels the others, and fails with the first worker’s error.',
    'Slow the collector down: results fills up and the workers wait; then jobs fills up and the sender waits.',
  ],
  forConsole: 'channels.jobs.trySend(7)',
  code: sourceOf('pool'),
  controls: [
    { ...count('workers', 'Workers', 3, 5), min: 1, restarts: true },
    capacity(4, 0, 6),
    rate('rate', 'Jobs arrive', 5),
    work(900, 'Work for each job'),
    {
      kind: 'range',
      id: 'collect',
      label: 'Collector takes',
      min: 20,
      max: 1_500,
      step: 20,
      value: 120,
      text: (ms) => `${ms} ms`,
    },
  ],
  start: play,
}

function play(settings: Settings): Play {
  const ctx = withCancel(background())
  const values = new Values()
  const jobs = channel<number>(settings.number('capacity'), { name: 'jobs' })
  const results = channel<number>(settings.number('capacity'), { name: 'results' })
  const jobsTube = new Tube('jobs', jobs)
  const resultsTube = new Tube('results', results)
  const jobsLine = new Line(values, [jobsTube])
  const resultsLine = new Line(values, [resultsTube])

  const source = new Task('sender', 'sender', 'sends')
  const make = maker(source, values, jobsLine, () => pause(settings, 'rate'), ctx)
  source.run(sender(jobs, make, ctx), () => loseOf(source, values, [jobsLine]))

  const workers = Array.from({ length: settings.number('workers') }, (_, index) => {
    return new Task(`worker-${index + 1}`, `worker ${index + 1}`, 'receives', index + 2)
  })
  let isToFail = false
  const program = pool(
    { jobs, results },
    workers.length,
    async (number, job, own) => {
      const worker = workers[number - 1]!
      const value = jobsLine.take(job, worker)
      worker.holds = value
      if (isToFail) {
        isToFail = false
        worker.ended = 'Error'
        throw new Error(`worker ${number} failed`)
      }
      await worker.busy(`works on ${job}`, settings.number('work'), own)
      if (value !== undefined) resultsLine.offer(value)
      return job
    },
    ctx,
  )
  const group = new Task('group', 'group', 'runs')
  group.run(program, () => {
    for (const worker of workers) {
      worker.ended ??= group.ended === '' ? '' : 'CanceledError'
      loseOf(worker, values, [resultsLine])
    }
  })

  const collector = new Task('collector', 'collector', 'receives')
  const collect = user(collector, values, resultsLine, () => settings.number('collect'), ctx)
  collector.run(receiver(results, collect, ctx), () => loseOf(collector, values, []))

  return {
    columns: [[source], [jobsTube], workers, [resultsTube], [collector]],
    wires: [
      [source, jobsTube],
      ...workers.flatMap((worker) => [[jobsTube, worker] as const, [worker, resultsTube] as const]),
      [resultsTube, collector],
    ],
    values,
    channels: { jobs, results },
    actions: [
      {
        label: 'Close jobs',
        said: 'No more jobs: the workers finish what is left, and the group returns.',
        run: () => jobs.close(),
        can: () => !jobs.closed && group.ended === undefined,
      },
      {
        label: 'Let a worker fail',
        said: 'The next job fails: its worker throws, and the group cancels the others.',
        run: () => void (isToFail = true),
        can: () => !isToFail && group.ended === undefined,
      },
      {
        label: 'Cancel the context',
        said: 'The context is cancelled, which ends the group and every wait.',
        run: () => ctx.cancel(),
        can: () => ctx.err === undefined,
      },
    ],
    readouts: [
      { id: 'made', label: 'made', read: () => values.made },
      { id: 'senders-wait', label: 'wait to send', read: () => waitersNow('send', 'jobs') },
      { id: 'length', label: 'jobs', read: () => jobs.length },
      { id: 'results-wait', label: 'workers wait to send', read: () => waitersNow('send', 'results') },
      { id: 'results', label: 'results', read: () => results.length },
      { id: 'used', label: 'done', read: () => values.count('used') },
    ],
    update() {
      jobsLine.settle()
      resultsLine.settle()
      // A worker without a job returns once there will be no more; the group only tells when all have.
      if (!jobs.closed || jobs.length > 0) return
      for (const worker of workers) if (!worker.isBusy) worker.ended ??= ''
    },
    stop: () => ctx.cancel(),
  }
}
