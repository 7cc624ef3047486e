// What is known to differ where, and why. The runs hold it to account: a test that fails has to be here, and what is
// here has to fail. Nothing is here that the library could mend.

/**
 * @typedef {object} Known
 * @property {string[]} on names of runtimes
 * @property {'core' | 'ws' | 'packages'} suite
 * @property {string} file the end of its path
 * @property {RegExp} [test] what its full name matches; all of the file, unless told
 * @property {string} reason the symptom
 * @property {'runtime' | 'test'} fault whether the runtime differs, or the test asks for what only Node has
 * @property {boolean} [skip] it is not even started: it would end the process, or never end
 * @property {boolean} [flaky] it does not fail each time
 */

const NO_STACK =
  'With `Error.stackTraceLimit` at 0, as for the errors of a cancel, an error has no `stack` at all.'
const ENDLESS =
  'A program whose main task waits for ever ends with another code than Node’s 13 (Deno: 1), or not at all (Bun).'
const OUTSIDE =
  '`simulate` is not told of sockets and files that are open (`async_hooks`): a task that waits for one is reported as asleep.'
const RUNS_ON =
  '`explore` is not told of the promises that a task makes (`async_hooks`): one that has an operation under way is taken to await it.'
const UNHANDLED =
  'A promise that nobody handles is told later than in Node: `explore` ends before it hears of it.'
const NODE_TEST = 'Its `node:test` prints another report.'
const IN_A_PAGE = 'Asks for `process` or `setImmediate`, which a page does not have.'
const SEARCHES = 'Searches of `explore` in a page were not over after a minute; in Node they take a second.'
const PLACES =
  'The place of an operation is a URL in a page, and operations of other tests of the file are still waiting.'
const ONE_COPY = 'In a page the second copy of the package, made by a query behind its URL, is the first.'
const COLLECTING = 'A collection of garbage on demand takes several seconds where much is alive.'
const CONSERVATIVE =
  'Its collector takes what stands on the stack for references: what nobody holds any more may stay for a while.'
const READS =
  'One read of the socket is up to 512 KiB, eight times as much as Node’s: so much more waits in `incoming` than its limits say.'
const OWN_WS =
  'Bun has a `ws` of its own in the place of the library, which writes each message by itself: those of a turn are not joined.'
const OWN_READING = 'Its `ws` reads and unmasks by itself: there is nothing for us to do before it.'
const OFFERS =
  'Its `ws` offers the kernel what waits once more with a ping or a close, and may call failed what left with a close: a send goes on sooner, and `unsent` is not exact.'
const RESETS =
  'Its `ws` tells of a reset as of any other end: the `CloseError` has no error of the stream as its cause.'
const ENDS =
  'While reading is paused nothing is read, not even the end of the peer’s stream; a reset may be told a client no sooner, and a server without what came before it.'
const FRAGMENTS = 'Its `ws` does not count fragments: any number of empty ones is taken.'
const PROXY =
  'Its client of `ws` tells of what a proxy refuses by an error without the answer: the `DialError` has no `status`.'
const DEFERRED =
  'A socket that says nothing is told to its server a second late: a server that closes before that does not cut it.'
const UNTOLD_DROPS =
  'Its `drop` of a server with too many sockets is not told: they are dropped, and `onError` does not hear of it.'
const CLOSES =
  'A server that closes takes no request any more of a socket that it has: the end of one that had begun is not answered.'
const TARGETS = 'Its HTTP server answers a request for no path by itself, with a 400 that has no headers.'
const CAUSELESS =
  'The `AbortError` of its `events.once` has no cause: `onError` hears of it, for nothing tells it from an error of the handler.'
const PAUSES =
  'After a pause one read more than in Node arrives: `incoming` does not stop at its limits exactly.'
const TURNS =
  'Asks for an event between two turns of the event loop, of which there are other numbers there: it looks at nothing.'
const INFLATE = 'Its `zlib` takes bytes that are no DEFLATE for the beginning of some.'

const STREAMS =
  'Its `ws` does not tell the stream under a WebSocket: `incomingStreams` is refused with an `UnsupportedError`.'

const BUSY = 'Makes thousands of runs or messages, which on a busy machine takes longer than its time.'

/** The files that have the whole of the conformance suite. */
const CONFORMANCE = ['node-client.test.ts', 'node-server.test.ts', 'wrap.test.ts']

/** @type {Known[]} */
export const known = [
  // chansel
  ...[
    { file: 'spec/errors.test.ts', test: /^the tree api 10: (Canceled|DeadlineExceeded)Error/ },
    { file: 'spec/context.test.ts', test: /^J16 the error of / },
  ].map((tests) => inCore(['bun'], 'runtime', NO_STACK, tests)),
  ...[
    { file: 'spec/process.test.ts', test: /^J22 if its main task waits, too/ },
    { file: 'testing/process.test.ts', test: /^J22 a program that (ends in a deadlock|hangs)/ },
  ].map((tests) => inCore(['bun', 'deno'], 'runtime', ENDLESS, tests)),
  inCore(['bun', 'deno'], 'runtime', OUTSIDE, {
    file: 'testing/simulate.test.ts',
    test: /^R8 the outside (that does not come in time|may wake a task by a callback)/,
  }),
  inCore(['bun'], 'runtime', UNHANDLED, {
    file: 'testing/explore.test.ts',
    test: /'a failure that nobody awaits'|with no options at all/,
  }),
  inCore(['bun'], 'runtime', UNHANDLED, {
    file: 'testing/replay.test.ts',
    test: /'a failure that nobody awaits'/,
  }),
  inCore(['bun', 'deno'], 'runtime', RUNS_ON, {
    file: 'testing/replay.test.ts',
    test: /'an update that is lost during a sleep'/,
  }),
  inCore(['bun'], 'runtime', COLLECTING, {
    file: 'pipeline/release.test.ts',
    test: /is collected/,
    flaky: true,
  }),
  ...[
    { file: 'spec/single-flight.test.ts', test: /M25 keys are let go of/, flaky: true },
    { file: 'go/context/cancel.test.ts', test: /^TestCancelRemoves/, flaky: true },
  ].map((tests) => inCore(['bun'], 'runtime', CONSERVATIVE, tests)),
  inCore(['bun', 'deno'], 'test', BUSY, {
    file: 'testing/explore.test.ts',
    test: /'bare promises between tasks'/,
    flaky: true,
  }),
  inCore(['bun', 'deno'], 'test', NODE_TEST, {
    file: 'testing/process.test.ts',
    test: /^works under node:test/,
  }),
  ...[
    {
      file: 'go/time/ticker.test.ts',
      test: /by the real clock, while garbage is collected|TestTickerConcurrentStress/,
      flaky: true,
    },
    { file: 'testing/leak-check.test.ts', test: /^a watch for leaks/, flaky: true },
    { file: 'go/context/cancel.test.ts', test: /^TestCancelRemoves/, flaky: true },
    { file: 'spec/signals.test.ts', test: /J8 (the cost|20,000)/, flaky: true },
  ].map((tests) => inCore(['deno'], 'runtime', COLLECTING, tests)),
  ...[
    { file: 'go/chanlinear.test.ts', test: /^S22 / },
    { file: 'spec/capacity.test.ts', test: /^capacity C35 / },
    { file: 'spec/context.test.ts', test: /^X30 / },
    { file: 'spec/errors.test.ts', test: /a failed send that nobody handles/ },
    { file: 'spec/group-errors.test.ts', test: /unhandled rejections/ },
    { file: 'spec/reentrant.test.ts', test: /one that throws stops nobody/ },
    { file: 'spec/sleep.test.ts', test: /yieldNow lets timers/ },
  ].map((tests) => inCore(['chromium'], 'test', IN_A_PAGE, tests)),
  ...[
    'explore/programs.test.ts',
    'testing/explore.test.ts',
    'testing/enumeration.test.ts',
    'testing/locks.test.ts',
  ].map((file) => inCore(['chromium'], 'runtime', SEARCHES, { file, skip: true })),
  inCore(['chromium'], 'test', PLACES, { file: 'testing/snapshot.test.ts', test: /^R8 a snapshot/ }),
  inCore(['chromium'], 'test', ONE_COPY, {
    file: 'spec/copies.test.ts',
    test: /^J18 two copies of the package are two/,
  }),

  // @chansel/ws
  ...[
    { file: 'options.test.ts', test: /^what waits in incoming/ },
    { file: 'redial.test.ts', test: /^a redial backpressure of incoming/ },
    ...CONFORMANCE.map((file) => ({
      file,
      test: /backpressure (reading pauses when nobody|of small messages no more than)/,
    })),
  ].map((tests) => inWs(['bun'], 'runtime', READS, tests)),
  inWs(['bun'], 'runtime', OWN_WS, {
    file: 'batching.test.ts',
    test: /^(sends of one turn|messages alone, of many)/,
  }),
  inWs(['bun'], 'runtime', OWN_READING, { file: 'unmasking.test.ts', skip: true }),
  ...[
    { file: 'accepted.test.ts', test: /what unsent does not count reached the kernel/ },
    { file: 'node-server.test.ts', test: /what it missed is unsent/ },
    { file: 'node-server.test.ts', test: /a ping behind a message does not hold up a send/ },
    {
      file: 'faults.test.ts',
      test: /^a server of ours a close of the peer is not clean where ours never left/,
    },
  ].map((tests) => inWs(['bun'], 'runtime', OFFERS, tests)),
  ...[
    { file: 'incoming-streams.test.ts', skip: true },
    { file: 'protocol.test.ts', test: /^a (server|client) with streams / },
    { file: 'fuzz.test.ts', test: /fragments at random/ },
    { file: 'diagnostics.test.ts', test: /is received once as a stream/ },
  ].map((tests) => inWs(['bun'], 'runtime', STREAMS, tests)),
  inWs(['bun'], 'runtime', RESETS, { file: 'faults.test.ts', test: /the error of the stream is the cause/ }),
  ...[
    { file: 'paused.test.ts', test: /the peer's end of its stream/ },
    {
      file: 'paused.test.ts',
      test: /a close that arrives before a reset|the peer's (reset|end of its process)|had more to say/,
      flaky: true,
    },
    { file: 'heartbeat.test.ts', test: /a client finds a reset while our reading is paused/, flaky: true },
  ].map((tests) => inWs(['bun'], 'runtime', ENDS, tests)),
  inWs(['bun'], 'runtime', FRAGMENTS, { file: 'faults.test.ts', test: /a flood of empty fragments/ }),
  inWs(['bun'], 'runtime', PROXY, { file: 'dial.test.ts', test: /^through a proxy what it refuses/ }),
  inWs(['bun'], 'runtime', DEFERRED, { file: 'listen.test.ts', test: /cuts handshakes and idle sockets/ }),
  inWs(['bun', 'deno'], 'runtime', CLOSES, {
    file: 'diagnostics.test.ts',
    test: /a request that comes while the listener closes/,
  }),
  inWs(['deno'], 'runtime', UNTOLD_DROPS, {
    file: 'faults.test.ts',
    test: /a flood of sockets that ask for nothing/,
  }),
  inWs(['bun', 'deno'], 'runtime', UNTOLD_DROPS, {
    file: 'diagnostics.test.ts',
    test: /a socket that is dropped/,
  }),
  inWs(['bun'], 'runtime', TARGETS, { file: 'accept.test.ts', test: /for no path/ }),
  inWs(['deno'], 'runtime', CAUSELESS, {
    file: 'serve.test.ts',
    test: /in a wait of the platform under the signal of a child of its ctx/,
  }),
  inWs(['deno'], 'runtime', PAUSES, {
    file: 'incoming-streams.test.ts',
    test: /nobody receives the pieces/,
    flaky: true,
  }),
  inWs(['bun', 'deno'], 'runtime', PAUSES, {
    file: 'paused.test.ts',
    test: /reading pauses at incoming(Capacity messages|Bytes) exactly/,
    flaky: true,
  }),
  ...CONFORMANCE.map((file) =>
    inWs(['deno'], 'test', BUSY, {
      file,
      test: /cancelled receives while reading is paused/,
      flaky: true,
    }),
  ),
  ...[
    { file: 'accepted.test.ts', test: /nothing is accepted silently around/, flaky: true },
    { file: 'dial.test.ts', test: /cancelled after any number of turns/, flaky: true },
  ].map((tests) => inWs(['deno'], 'test', TURNS, tests)),
  inWs(['deno'], 'runtime', INFLATE, {
    file: 'compression.test.ts',
    test: /^a client of ours that compresses bytes that are no DEFLATE/,
  }),
]

/**
 * @typedef {Pick<Known, 'file' | 'test' | 'skip' | 'flaky'>} Tests
 * @param {string[]} on
 * @param {Known['fault']} fault
 * @param {string} reason
 * @param {Tests} tests
 * @returns {Known}
 */
function inCore(on, fault, reason, { file, ...rest }) {
  return { on, suite: 'core', fault, reason, file: `packages/core/test/${file}`, ...rest }
}

/**
 * @param {string[]} on
 * @param {Known['fault']} fault
 * @param {string} reason
 * @param {Tests} tests
 * @returns {Known}
 */
function inWs(on, fault, reason, { file, ...rest }) {
  return { on, suite: 'ws', fault, reason, file: `packages/ws/test/${file}`, ...rest }
}
