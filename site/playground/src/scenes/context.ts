import { type CancelContext, type Context, background, withCancel } from 'chansel'
import { Branch } from '../model/branch.ts'
import { Task } from '../model/task.ts'
import { Values } from '../model/value.ts'
import { makeTree, task } from '../programs/context.ts'
import type { Play, Scene, Settings } from '../scene.ts'
import { sourceOf } from '../sources.ts'

export const contexts: Scene = {
  id: 'context',
  title: 'Context',
  lead: 'A context ends every wait below it, on cancel or at its deadline. A cancel reaches the whole subtree before cancel() returns, and never the parent or the siblings.',
  tries: [
    'Cancel query: render and the request go on.',
    'Wait for the deadline of the request: both its tasks end with a DeadlineExceededError.',
    'Cancel the server: everything ends, in one step.',
  ],
  forConsole: 'channels.query.tryReceive()',
  code: sourceOf('context'),
  controls: [
    {
      kind: 'range',
      id: 'timeout',
      label: 'Request timeout',
      min: 1_000,
      max: 20_000,
      step: 500,
      value: 8_000,
      text: (ms) => `${ms / 1_000} s`,
      restarts: true,
    },
  ],
  start: play,
}

function play(settings: Settings): Play {
  const root = withCancel(background())
  const tree = makeTree(settings.number('timeout'), root)
  const running = (label: string, ctx: CancelContext): Branch => {
    const runs = new Task(`task-${label}`, label, 'sleeps')
    runs.run(task(ctx, () => runs.tally('beats')))
    return new Branch(label, ctx, runs)
  }
  const server = new Branch('server', tree.server)
  const request = new Branch('request', tree.request)
  const query = running('query', tree.query)
  const render = running('render', tree.render)
  const upload = running('upload', tree.upload)
  const tasks = [query, render, upload].map((branch) => branch.task!)
  const contexts: readonly Context[] = Object.values(tree)

  return {
    columns: [[server], [request, upload], [query, render]],
    wires: [
      [server, request],
      [server, upload],
      [request, query],
      [request, render],
    ],
    values: new Values(),
    channels: Object.fromEntries(Object.entries(tree).map(([name, ctx]) => [name, ctx.done])),
    actions: [
      {
        label: 'Cancel the server',
        said: 'The server’s context is cancelled, and everything below it.',
        run: () => tree.server.cancel(),
        can: () => tree.server.err === undefined,
      },
    ],
    readouts: [
      {
        id: 'live',
        label: 'live contexts',
        read: () => contexts.filter(({ err }) => err === undefined).length,
      },
      {
        id: 'running',
        label: 'tasks running',
        read: () => tasks.filter(({ ended }) => ended === undefined).length,
      },
      {
        id: 'beats',
        label: 'beats',
        read: () => tasks.reduce((sum, { tallies }) => sum + (tallies.get('beats') ?? 0), 0),
      },
    ],
    update() {},
    stop: () => root.cancel(),
  }
}
