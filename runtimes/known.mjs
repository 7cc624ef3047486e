// What is known to differ where, and why. The runs check it: a test that fails has to be here, and a test that is here
// has to fail. Nothing is here that the library could fix.

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
  'With `Error.stackTraceLimit` at 0, which the errors of a cancel use, an error has no `stack` at all.'
const ENDLESS =
  'A program whose main task waits for ever does not end with Node’s code 13: on Deno it ends with 1, on Bun not at all.'
const OUTSIDE =
  '`simulate` cannot see open sockets and files (`async_hooks`): a task that waits for one is reported as asleep.'
const RUNS_ON =
  '`explore` cannot see the promises that a task makes (`async_hooks`): it takes a task with an operation under way to await it.'
const UNHANDLED =
  'A rejection that nobody handles is reported later than in Node: `explore` has ended by then.'
const NODE_TEST = 'Its `node:test` prints a different report.'
const IN_A_PAGE = 'Asks for `process` or `setImmediate`, which a page does not have.'
const SEARCHES =
  'Searches of `explore` in a page were not finished after a minute; in Node they take a second.'
const PLACES =
  'In a page the place of an operation is a URL, and operations of other tests in the file are still waiting.'
const HIDDEN_PLACES =
  'Its stacks do not tell who called a function after an `await`: a report says `unknown`.'
const BARE_STACKS = 'Its stacks do not begin with the message of the error.'
const FULL_STACKS = '`Error.stackTraceLimit` does not shorten a stack: the errors of a cancel have one.'
const LATE_TURNS = 'Looks after a timeout whether a turn is over. A message between ports takes longer there.'
const NO_STREAMS = 'There is no `WebSocketStream`.'
const UNOPENED =
  'If the end of the stream comes with the handshake’s answer, the WebSocket never opens: the dial fails, and messages that came between are lost.'
const ONE_COPY =
  'In a page, a query after the URL does not make a second copy of the package: both are the first.'
const COLLECTING = 'Collecting garbage on demand takes several seconds when much is alive.'
const CONSERVATIVE =
  'Its collector takes whatever is on the stack for references: what nobody refers to any more may stay for a while.'
const READS =
  'One read of the socket is up to 512 KiB, eight times as much as Node’s: `incoming` may exceed its limits by that much.'
const OWN_WS =
  'Bun replaces the `ws` library with its own, which writes each message by itself: the messages of a turn are not joined.'
const OWN_READING = 'Its `ws` reads and unmasks by itself, so there is nothing for us to do first.'
const OFFERS =
  'With a ping or a close its `ws` offers what waits to the kernel again, and it may report as failed what left with a close: a send goes on sooner, and `unsent` is not exact.'
const RESETS =
  'Its `ws` reports a reset like any other end: the `CloseError` does not have the stream’s error as its cause.'
const ENDS =
  'While reading is paused nothing is read, not even the end of the peer’s stream. A client may learn of a reset only once reading goes on; a server may lose what came before the reset.'
const FRAGMENTS = 'Its `ws` does not count fragments: it accepts any number of empty ones.'
const PROXY =
  'If a proxy refuses, the client of its `ws` gives an error without the answer: the `DialError` has no `status`.'
const DEFERRED =
  'A server learns of a socket that sends nothing a second late: if it closes before that, it does not cut the socket.'
const UNTOLD_DROPS =
  'A server with too many sockets drops them without a `drop` event, so `onError` is not called.'
const CLOSES =
  'A server that closes takes no more requests from its open sockets: one that was half received is not answered.'
const TARGETS = 'Its HTTP server itself answers a request without a path, with a 400 that has no headers.'
const CAUSELESS =
  'The `AbortError` of its `events.once` has no cause: it looks like an error of the handler, so `onError` is called with it.'
const PAUSES =
  'After a pause, one more read arrives than in Node: `incoming` does not stop exactly at its limits.'
const TURNS =
  'Waits for an event between two turns of the event loop. Their number is different there, so it checks nothing.'
const INFLATE = 'Its `zlib` takes bytes that are not DEFLATE for the beginning of some.'

const ASSIGNED =
  'A long response that is assigned to a socket by hand loses bytes: a request for a page that offers another protocol is refused.'
const STREAMS =
  'Its `ws` does not give access to the stream under a WebSocket: `incomingStreams` is refused with an `UnsupportedError`.'

const BUSY = 'Makes thousands of runs or messages, which takes longer than its time limit on a busy machine.'

/** The browsers. */
export const PAGES = ['chromium', 'firefox', 'webkit']

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
  inCore(['bun', 'deno'], 'runtime', RUNS_ON, {
    file: 'testing/turns.test.ts',
    test: /^R8 (a task of a group that begins|.*'a (task of a (wait )?group that does'|call within one task ))/,
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
  ].map((tests) => inCore(PAGES, 'test', IN_A_PAGE, tests)),
  ...[
    'explore/programs.test.ts',
    'testing/explore.test.ts',
    'testing/enumeration.test.ts',
    'testing/locks.test.ts',
    'testing/turns.test.ts',
  ].map((file) => inCore(PAGES, 'runtime', SEARCHES, { file, skip: true })),
  inCore(['webkit'], 'runtime', HIDDEN_PLACES, {
    file: 'test-browser/testing.test.ts',
    test: /^a deadlock names the tasks/,
  }),
  inCore(['firefox', 'webkit'], 'runtime', BARE_STACKS, {
    file: 'spec/errors.test.ts',
    test: /^the tree api 10: \w+: name is the class name/,
  }),
  inCore(['webkit'], 'runtime', FULL_STACKS, { file: 'spec/context.test.ts', test: /^J16 the error of / }),
  ...[
    { file: 'spec/copies.test.ts', test: /R4 the order of commits holds across copies/ },
    { file: 'spec/sweep.test.ts', test: /'SingleFlight'/ },
    { file: 'spec/turns.test.ts', test: /^J3 three milliseconds|one message does for all/ },
  ].map((tests) => inCore(['webkit'], 'test', LATE_TURNS, { ...tests, flaky: true })),
  inCore(['chromium', 'firefox'], 'test', PLACES, {
    file: 'testing/snapshot.test.ts',
    test: /^R8 a snapshot/,
  }),
  inCore(['deno'], 'test', TURNS, { file: 'spec/turns.test.ts', test: /one message does for all/ }),
  inCore(PAGES, 'test', ONE_COPY, {
    file: 'spec/copies.test.ts',
    test: /^J18 two copies of the package are two/,
  }),

  // @chansel/ws
  inWs(['firefox', 'webkit'], 'runtime', NO_STREAMS, {
    file: 'test-browser/web-socket-stream.test.ts',
    skip: true,
  }),
  inWs(['firefox'], 'runtime', UNOPENED, {
    file: 'test-browser/web-socket.test.ts',
    test: /is 1006 by the network/,
    flaky: true,
  }),
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
  ...[
    { file: 'ordinary-requests.test.ts', skip: true },
    { file: 'frameworks.test.ts', test: /who offers another protocol gets the page/ },
  ].map((tests) => inWs(['bun'], 'runtime', ASSIGNED, tests)),
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
  return { on, suite: 'core', fault, reason, file: placed('packages/core', file), ...rest }
}

/**
 * @param {string[]} on
 * @param {Known['fault']} fault
 * @param {string} reason
 * @param {Tests} tests
 * @returns {Known}
 */
function inWs(on, fault, reason, { file, ...rest }) {
  return { on, suite: 'ws', fault, reason, file: placed('packages/ws', file), ...rest }
}

/**
 * @param {string} workspace
 * @param {string} file
 */
function placed(workspace, file) {
  return file.startsWith('test-browser/') ? `${workspace}/${file}` : `${workspace}/test/${file}`
}
