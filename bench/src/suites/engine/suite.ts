import type { LibraryTitle, Suite, TimedLoad } from '../suite.ts'
import { COUNTS } from './loads/transfer.ts'
import { PHASES } from './loads/select.ts'
import { targets } from './targets.ts'

const libraries: readonly LibraryTitle[] = [
  { id: 'promises', title: 'raw promises' },
  { id: 'async-generators', title: 'async generators' },
  { id: 'go', title: 'Go' },
  { id: 'chansel', title: 'chansel', package: 'chansel' },
  { id: 'chansel-unprotected', title: 'chansel, unprotected', package: 'chansel' },
  { id: 'ts-chan', title: 'ts-chan', package: 'ts-chan' },
  { id: 'ts-chan-unsafe', title: 'ts-chan unsafe', package: 'ts-chan' },
  { id: 'thi-ng-csp', title: '@thi.ng/csp', package: '@thi.ng/csp' },
  { id: 'js-csp', title: 'js-csp', package: 'js-csp' },
  { id: 'lesomnus-channel', title: '@lesomnus/channel', package: '@lesomnus/channel' },
  { id: 'nodeguy-channel', title: '@nodeguy/channel', package: '@nodeguy/channel' },
  { id: 'repeater', title: 'repeater', package: '@repeaterjs/repeater' },
  { id: 'effect', title: 'effect', package: 'effect' },
  { id: 'effection', title: 'effection', package: 'effection' },
  { id: 'message-port', title: 'MessagePort' },
]

const transfers: readonly TimedLoad[] = [
  timed('seq', 'seq', 'one task fills a buffer of 64 and drains it'),
  timed('spsc-unbuffered', 'hand-over', 'one sender, one receiver'),
  timed('iterate', 'hand-over', 'one sender, one `for await`'),
  timed('spsc-buffered-128', 'buffered', 'one sender, one receiver, a buffer of 128'),
  timed('spsc-buffered-128-try', 'buffered', 'the same, trying before waiting'),
  timed('mpmc-8x8-unbuffered', 'mpmc', 'eight senders, eight receivers, one channel'),
  // In a group of its own: the plain load beside the same under a context, in the same rounds.
  {
    ...timed('spsc-unbuffered', 'context', 'the base of the next'),
    only: ['chansel', 'go', 'ts-chan-unsafe'],
  },
  timed('spsc-unbuffered-context', 'context', 'one sender, one receiver, a quiet context in each wait'),
  timed('ping-pong', 'ping-pong', 'two tasks, one value there and back'),
  {
    ...timed('sieve', 'sieve', "Go's prime sieve, 1,000 primes"),
    control: { library: 'async-generators', load: 'sieve' },
    unit: 'ms',
    items: 1_000,
  },
]

const selects: readonly TimedLoad[] = PHASES.flatMap((phase) => {
  const how = phase === 'ready' ? 'a partner waits already' : 'the select waits first'
  return [
    ...COUNTS.flatMap((count) => [
      timed(`select-receive-${count}-${phase}`, `select-${count}`, `${count} receives; ${how}`),
      timed(
        `prepared-select-receive-${count}-${phase}`,
        `select-${count}`,
        `the same, prepared once; ${how}`,
      ),
    ]),
    timed(`select-labelled-2-${phase}`, 'select-2', `2 receives, an object literal for each select; ${how}`),
    timed(`select-mixed-${phase}`, 'select-mixed', `one send, one receive; ${how}`),
    timed(`prepared-select-mixed-${phase}`, 'select-mixed', `the same, prepared once; ${how}`),
    timed(`select-cancel-${phase}`, 'select-cancel', `2 receives and a quiet context; ${how}`),
    timed(`prepared-select-cancel-${phase}`, 'select-cancel', `the same, prepared once; ${how}`),
  ]
})

export const engine: Suite = {
  name: 'engine',
  libraries,
  control: { library: 'promises', load: 'spsc-unbuffered' },
  subject: 'chansel',
  loads: [
    ...transfers,
    ...selects,
    { kind: 'probe', name: 'starvation', what: 'ping-pong without end, for so many ms', sizes: [1_500] },
    { kind: 'probe', name: 'memory-idle', what: 'channels that nobody uses', sizes: [100_000] },
    { kind: 'probe', name: 'memory-blocked', what: 'receives that wait on one channel', sizes: [100_000] },
    { kind: 'probe', name: 'memory-select', what: 'selects with a quiet loser', sizes: [1_000_000] },
    {
      kind: 'probe',
      name: 'cancel-channel',
      what: 'receives on one channel, each under a source of its own, cancelled one by one',
      sizes: [10_000, 50_000, 100_000],
    },
    {
      kind: 'probe',
      name: 'cancel-signal',
      what: 'receives under one AbortSignal, released one by one, then aborted at once',
      sizes: [10_000, 50_000, 100_000],
    },
    {
      kind: 'probe',
      name: 'cancel-context',
      what: 'receives under one context, released one by one, then cancelled at once',
      sizes: [10_000, 50_000, 100_000],
    },
    { kind: 'probe', name: 'drain', what: 'senders that wait on one channel, drained', sizes: [100_000] },
  ],
  targets,
}

function timed(name: string, group: string, what: string): TimedLoad {
  return { kind: 'timed', name, group, what, unit: 'ns' }
}
