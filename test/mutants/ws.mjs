/**
 * Bugs to be planted in the sources of `@chansel/ws`, each of which the tests of one file must catch.
 *
 * @typedef {import('./mutant.mjs').Mutant & { test: string }} WsMutant
 */

/**
 * @param {string} file
 * @param {string} test
 * @param {[name: string, find: string, replace: string][]} rows
 * @returns {WsMutant[]}
 */
function inFile(file, test, rows) {
  return rows.map(([name, find, replace]) => ({
    name,
    rules: [],
    file: `packages/ws/src/${file}`,
    test: `packages/ws/test/${test}.test.ts`,
    find,
    replace,
  }))
}

const asked = [
  ...inFile('outgoing.ts', 'batching', [
    [
      'bytes that were transferred are taken',
      'return void (message.length || new Uint8Array(message.buffer))',
      'return',
    ],
  ]),
  ...inFile('transport/node/frame-writer.ts', 'batching', [
    [
      'bytes that cannot be written hold up the other connections of their turn',
      '      this.#stream.destroy(error as Error)\n',
      '      throw error\n',
    ],
  ]),
  ...inFile('transport/ws.ts', 'batching', [
    [
      'what a stream throws at a message is thrown in the send',
      'this.#tries(() => this.#writer.send(message))',
      'this.#writer.send(message)',
    ],
    [
      'what a stream throws at a published message is thrown in the publish',
      'this.#tries(() => this.#writer.sendPrepared(message))',
      'this.#writer.sendPrepared(message)',
    ],
    [
      'what a stream throws at a fragment is thrown in the send',
      'this.#tries(() => this.#writer.sendFragment(fragment))',
      'this.#writer.sendFragment(fragment)',
    ],
    [
      'what a stream throws at a ping or a close is thrown there',
      'this.#tries(writer === undefined ? write : () => writer.behind(write))',
      'if (writer === undefined) write()\n    else writer.behind(write)',
    ],
  ]),
  ...inFile('transport/node.ts', 'compression', [
    [
      'a message that is longer when it is compressed is over the limit',
      'compression ? maxMessageBytes + maxMessageBytes / 1024 + 1024 : maxMessageBytes',
      'maxMessageBytes',
    ],
  ]),
  ...inFile('dial.ts', 'dial', [
    [
      'a dial that failed holds the process until the deadline of its context',
      'if (above.err !== undefined) await',
      'if (cancel.signal.aborted) await',
    ],
  ]),
  ...inFile('pings.ts', 'dial', [
    [
      'a ping holds the process until the deadline of its context',
      '!hasFired(cancel)',
      '!cancel.signal.aborted',
    ],
  ]),
  ...inFile('redialer.ts', 'dial', [
    [
      'a redial that was closed holds the process until the deadline of its context',
      'if (this.#closing === undefined) this.#cancelled()',
      'this.#cancelled()',
    ],
  ]),
  ...inFile('retry.ts', 'redial', [
    ['a random part of for ever that is nothing is no number', ' * growth) || 0', ' * growth)'],
  ]),
  ...inFile('refusal.ts', 'accept', [
    [
      'a refusal takes over how another answer ends',
      '    .filter(([name]) => !FRAMING.includes(name))\n',
      '',
    ],
    ['a refusal without a body has one', "status === NOT_MODIFIED ? '' : ", ''],
    [
      'the headers of a refusal are not sent as they were given',
      "Buffer.from(head, 'latin1')",
      'Buffer.from(head)',
    ],
  ]),
  ...inFile('transport/node/frame-writer.ts', 'faults', [
    [
      'what is sent after a write has failed is accepted until the turn is over',
      'this.#stream.errored ? Infinity : ',
      '',
    ],
  ]),
  ...inFile('redial.ts', 'redial-own-dial', [
    ['an option of a dial that is never made is taken', '    checkOwnDialOptions(options)\n', ''],
  ]),
  ...inFile('redial-options.ts', 'redial-own-dial', [
    ['an option of a dial may not be undefined', 'value !== undefined && ', ''],
  ]),
  ...inFile('redialer.ts', 'redial-own-dial', [
    ['a redial takes anything for a connection', 'if (!(conn instanceof TransportConnection))', 'if (false)'],
    ['a redial does not say what it is connected to', '    this.#url = conn.url\n', ''],
    [
      'a program that dials is not told that it is over',
      'await this.#dial(this.#seeking)',
      'await this.#dial(background())',
    ],
  ]),
  ...inFile('retry.ts', 'redial-own-dial', [
    [
      'any error of a program that dials ends a redial',
      'error instanceof CloseError && FINAL_CODES',
      '!(error instanceof CloseError) || FINAL_CODES',
    ],
  ]),
  ...inFile('connection.ts', 'serve', [
    [
      'several ends of a connection as one are reported',
      'if (!(error instanceof AggregateError)) return',
      'return',
    ],
    ['an error beside the end of a connection is not reported', 'error.errors.every(', 'error.errors.some('],
    ['several errors that are none are not reported', 'error.errors.length > 0 && ', ''],
    ['errors in a ring are looked at for ever', ' || depth > 4', ''],
  ]),
  ...inFile('transport/whatwg.ts', 'wrap', [
    [
      'a WebSocket that cannot connect and tells of no close never ends',
      'if (socket.readyState === CONNECTING) queue',
      'if (false) queue',
    ],
    [
      'an error ends a WebSocket before its close tells the code',
      'if (socket.readyState === CONNECTING) queue',
      'queue',
    ],
  ]),
  ...inFile('fragments.ts', 'wrap', [
    [
      'a source is taken where no message can be streamed',
      '  if (outgoing.transport.sendFragment === undefined) {\n',
      '  if (outgoing.transport.sendFragment === undefined && piecesOf(source)) {\n',
    ],
  ]),
  ...inFile('transport/ws.ts', 'wrap', [
    ['a ws that was paused is never read', '    if (socket.isPaused) socket.resume()\n', ''],
    [
      'a WebSocket that was wrapped has no limit for its messages',
      '    if (bytes.length > this.#maxMessageBytes) {\n',
      '    if (false) {\n',
    ],
  ]),
  ...inFile('wrap.ts', 'wrap', [
    [
      'a WebSocket that could not be wrapped counts as wrapped',
      '  const conn = new TransportConnection(transport, settings)\n  wrapped.add(socket)\n',
      '  wrapped.add(socket)\n  const conn = new TransportConnection(transport, settings)\n',
    ],
    ['a WebSocket is wrapped twice', '  if (wrapped.has(socket)) throw', '  if (false) throw'],
  ]),
  ...inFile('outgoing.ts', 'batching', [
    ['a flush takes no notice of its cancel', 'done.receive(cancel)', 'done.receive()'],
  ]),
  ...inFile('refusal.ts', 'accept', [
    [
      'a body that is no text leaves its client without an answer',
      "  if (typeof body !== 'string')\n",
      '  if (false)\n',
    ],
    ['headers that cannot be sent leave their client without an answer', '  readHeaders(headers)\n', ''],
    [
      'a field that is there twice is sent once',
      '[...fields, ...given].map(',
      '[...new Map([...fields, ...given] as [string, string][])].map(',
    ],
    [
      'a field of a refusal does not replace ours',
      "if (!given.some(([name]) => name === 'content-type'))",
      'if (true)',
    ],
  ]),
  ...inFile('listen.ts', 'listen', [
    [
      'who comes while a listener closes is told to come as a WebSocket',
      '    if (this.#ownServer === undefined) this.#leaveServer?.()\n',
      '    this.#leaveServer?.()\n',
    ],
    [
      'a connection that has just opened is still told as a handshake that the listener closes',
      '        this.#handshakes.delete(socket)\n        this.#connections.add(opened)\n',
      '        this.#connections.add(opened)\n        queueMicrotask(() => this.#handshakes.delete(socket))\n',
    ],
  ]),
]

const hub = [
  ...inFile('hub.ts', 'hub', [
    [
      'a hub sends to one member of a room only',
      'if (member.send(prepared) || this.#queue(member, prepared)) count++\n',
      'if (member.send(prepared) || this.#queue(member, prepared)) return count + 1\n',
    ],
    [
      'a member that cannot take a message now does not get it',
      'member.send(prepared) || this.#queue(member, prepared)',
      'member.send(prepared)',
    ],
    ['a slow member is never disconnected', '        member.disconnect()\n        this.#ended(member)\n', ''],
    [
      'a slow member that is disconnected stays in its rooms',
      '        member.disconnect()\n        this.#ended(member)\n',
      '        member.disconnect()\n',
    ],
    [
      'a member may have one message more than capacity waiting',
      'member.waiting >= this.#capacity',
      'member.waiting > this.#capacity',
    ],
    ['the newest message is dropped', 'if (!isRoom) return false\n', 'return true\n'],
    ['what a slow member missed is not counted', '      this.#dropped++\n', ''],
    ['who was disconnected is not counted', '        this.#disconnected++\n', ''],
    [
      'an ended connection stays',
      '    if (member.rooms.size === 0) member.forget = afterFunc(conn.ctx, () => this.#ended(member))\n',
      '',
    ],
    [
      'a member that joins again overtakes itself',
      'this.#members.get(conn) ?? new Member<K>(',
      'new Member<K>(',
    ],
    [
      'leaving twice ends a later membership',
      'if (member.rooms.get(room) === membership) this.#leave',
      'if (member.rooms.has(room)) this.#leave',
    ],
    [
      'what is no connection joins a room',
      "    if (typeof conn?.outgoing !== 'object' || typeof conn.ctx !== 'object')\n",
      '    if (false)\n',
    ],
    ['an ended connection joins', '    if (conn.ctx.err !== undefined) return () => {}\n', ''],
    [
      'an ended connection leaves one room only',
      'for (const room of member.rooms.keys()) this.#leave(room, member)',
      'for (const room of member.rooms.keys()) return this.#leave(room, member)',
    ],
    ['leaving does nothing', '    members.delete(member)\n', ''],
    [
      'a connection that has ended counts until it is let go of',
      'if (conn.ctx.err === undefined) count++',
      'count++',
    ],
    [
      'publishAndWait does not wait',
      'for (const [, { taken }] of waits) if ((await taken!.receive(cancel)).value) count++',
      'count += waits.length',
    ],
    [
      'publishAndWait counts who ended',
      'if ((await taken!.receive(cancel)).value) count++',
      'if ((await taken!.receive(cancel)).ok) count++',
    ],
    [
      'a publishAndWait whose cancel fired is sent',
      '    if (ctx.err !== undefined) throw cancel.signal.reason\n',
      '',
    ],
    ['what is no message is published', '  checkMessage(message)\n', ''],
    [
      'what was cancelled counts as waiting for its member',
      "    if (waits.length > 0) ctx.signal.addEventListener('abort', withdraw)\n",
      '',
    ],
  ]),
  ...inFile('member.ts', 'hub', [
    [
      'a message overtakes those that wait for the member',
      '!this.isOver && !this.#isSending && ',
      '!this.isOver && ',
    ],
    ['a slow member is told 1000', "this.conn.close(1013, 'too slow')", "this.conn.close(1000, 'too slow')"],
    [
      'what somebody waits for is dropped',
      '    while (oldest?.taken !== undefined) oldest = oldest.newer\n',
      '',
    ],
    [
      'the oldest message that waits for a member is never dropped',
      '    if (turn?.isDroppable) {\n',
      '    if (turn?.isDroppable && false) {\n',
    ],
    [
      'the message that is being sent does not count as waiting',
      '(this.#waitingTurn === undefined ? 0 : 1)',
      '0',
    ],
    ['a message that was dropped is sent all the same', '      turn.ctx.cancel()\n', ''],
    [
      'what was sent counts as dropped',
      '      if (isDroppable && ctx.err !== undefined) this.#keptAfterAll()\n',
      '',
    ],
    [
      'a closing member counts',
      '  get isOver(): boolean {\n    return this.conn.outgoing.closed',
      '  get isOver(): boolean {\n    return this.conn.ctx.err !== undefined',
    ],
    [
      'a cancelled publishAndWait is sent all the same',
      'this.conn.outgoing.send(this.#formOf(waiting.message), ctx)',
      'this.conn.outgoing.send(this.#formOf(waiting.message))',
    ],
    [
      'a member that ended holds up who waits',
      '      next.taken?.trySend(isTaken)\n',
      '      if (isTaken) next.taken?.trySend(isTaken)\n',
    ],
    [
      'a connection of another kind is sent what only ours take',
      'this.conn instanceof TransportConnection ? (message as unknown as Message) : message.message',
      'message as unknown as Message',
    ],
    [
      'what was cancelled counts while it is being sent',
      'this.#turn?.ctx.err === undefined ? this.#turn : undefined',
      'this.#turn',
    ],
  ]),
  ...inFile('waiting.ts', 'hub', [
    [
      'what leaves takes all behind it along',
      '    else older.newer = newer\n',
      '    else older.newer = undefined\n',
    ],
    ['what left is counted still', '    this.length--\n', ''],
  ]),
]

const fragments = inFile('fragments.ts', 'stream', [
  [
    'the pieces are messages of their own',
    '    return { data, kind, isLast: false }',
    '    return { data, kind, isLast: true }',
  ],
  ['half of a character is sent as it is', "    this.#held = HALF_CHARACTER.exec(text)?.[0] ?? ''\n", ''],
  ['half of a character at the end is lost', 'encoder.encode(this.#held)', "encoder.encode('')"],
  ['a source without pieces is a text', "kind: this.#kind ?? 'binary'", "kind: this.#kind ?? 'text'"],
  ['pieces of two kinds go', ' || kind !== this.#kind', ''],
  [
    'a stream does not wait for what was sent before, nor hold up what is sent later',
    '    await outgoing.channel.send(turn as never, cancel)\n',
    '',
  ],
  ['sends are held up for ever', '    outgoing.endStream()\n', ''],
  [
    'the source is asked for all, however slow the peer',
    'if (fragment !== undefined && outgoing.isCrowded)',
    'if (false)',
  ],
  ['half a message is followed by others', '    if (hasBegun && !isDone) void conn.close(1011)\n', ''],
  [
    'a stream that had not begun ends the connection',
    'if (hasBegun && !isDone) void conn.close(1011)',
    'if (!isDone) void conn.close(1011)',
  ],
  [
    'a stream ends with another error than its connection',
    '        throw ctx.cause\n',
    "        throw new Error('over')\n",
  ],
  ['a stream that waits for room is not told of it', '    this.#room.trySend(true)\n', ''],
  ['the source is not let go of', '    fragments.release(failure)\n', ''],
  ['a source does not hear why no more is wanted of it', '    failure = error\n', ''],
  [
    'a source is taken under what is no cancel',
    '  if (cancel !== undefined) withCancel(cancel).cancel()\n',
    '',
  ],
  [
    'a cancel does not end the wait for a piece',
    'const event = await select({ step, over: over.done }, cancel)',
    'const event = await select({ step, over: over.done })',
  ],
  [
    'the end of the connection does not end the wait for a piece',
    'const event = await select({ step, over: over.done }, cancel)',
    'const event = { case: "step", value: (await step.receive(cancel)).value }',
  ],
  ['what is no source is found out late', '  checkSource(source)\n', ''],
])

const pieces = inFile('pieces.ts', 'stream', [
  ['what is no source is taken', "typeof given?.[Symbol.asyncIterator] === 'function'", 'true'],
  [
    'the cancel of a stream waits for a read that is under way',
    '  return isReadableStream(source)\n',
    '  return false && isReadableStream(source)\n',
  ],
  [
    'a stream that is let go of goes on',
    'const cancelled = this.#reader.cancel(reason) // does nothing at its end',
    'const cancelled = undefined',
  ],
  ['a stream stays locked', '    this.#reader.releaseLock()\n', ''],
  [
    'an iterator has to give promises',
    'const result = await this.#iterator.next()',
    'const result = await this.#iterator.next().then((given) => given)',
  ],
  ['an iterator that ended is told to return', '      this.#isOver = result.done === true\n', ''],
  ['an iterator that failed is told to return', '      this.#isOver = true\n', ''],
  [
    'what an iterator throws when it is let go of replaces the reason',
    '  async release(): Promise<void> {\n    if (!this.#isOver) await this.#iterator.return?.()\n',
    '  release(): Promise<void> {\n    return Promise.resolve(this.#isOver ? undefined : this.#iterator.return?.()) as never\n',
  ],
  ['an iterator is not told to return', 'await this.#iterator.return?.()', 'await undefined'],
])

const streams = inFile('incoming-streams.ts', 'incoming-streams', [
  [
    'an open WebSocket has no streams because of the platform',
    "isSplit === false ? 'the WebSocket is open, wrap it before' : undefined",
    'undefined',
  ],
  [
    'a message at the limit is a stream',
    'this.#head.bytes + data.length > this.#maxMessageBytes',
    'this.#head.bytes + data.length >= this.#maxMessageBytes',
  ],
  [
    'what came of a message before it was over the limit is lost',
    '      this.#passOn(this.#stream, this.#head.take(), false)\n',
    '',
  ],
  [
    'what came before is the end of a text',
    'this.#passOn(this.#stream, this.#head.take(), false)',
    'this.#passOn(this.#stream, this.#head.take(), true)',
  ],
  ['each message in fragments is binary', "kind === 'text' ? decoder().decode(whole) : whole", 'whole'],
  ['a stream never ends', '    stream.close()\n', ''],
  ['a stream is received twice', '    this.#stream = undefined\n', ''],
  ['a text that is none is told', '      this.#conn.refuse(1007, notText)\n', ''],
  ['a stream goes on over a piece that was dropped', '    if (this.#reading.drops()) return\n', ''],
  ['a stream under way has no end when its connection has', '    this.#stream?.close(error)\n', ''],
  ['streams end well with a connection that did not', 'isFailure ? error : undefined', 'undefined'],
  ['a bit of a character is a piece', '{ stream: !isLast }', '{ stream: false }'],
  ['the end of a text is not looked at', '{ stream: !isLast }', '{ stream: true }'],
  ['a mark at the beginning of a text is lost', 'ignoreBOM: true', 'ignoreBOM: false'],
  ['a piece may be empty', 'piece.length === 0 || ', ''],
  ['pieces that wait do not count', '    this.#reading.waits(sizeOf(piece))\n', ''],
  ['pieces that were received count', '    this.#reading.left(sizeOf(piece))\n', ''],
  ['what is discarded goes on', '    this.close()\n', ''],
  ['what waits of what is discarded is kept', '    while (pieces.length > 0) pieces.tryReceive()\n', ''],
  ['to dispose of a stream does nothing', '    this.discard()\n', ''],
  [
    'to discard twice fails',
    '    if (this.#isClosed) return\n    this.#isClosed = true\n',
    '    this.#isClosed = true\n',
  ],
  ['the option is taken where there are no streams', '    if (!isSplit) {\n', '    if (false) {\n'],
])

const gathering = [
  ...inFile('transport/gathering.ts', 'incoming-streams', [
    [
      'a fragment takes the place of those before',
      '      larger.set(this.#kept.subarray(0, this.bytes))\n',
      '',
    ],
    ['a message keeps what came of the one before', '    this.bytes = 0\n', ''],
  ]),
  ...inFile('transport/ws.ts', 'incoming-streams', [
    [
      'messages behind what was refused count',
      "    if (this.#closing !== undefined && 'cause' in this.#closing) return\n",
      '',
    ],
  ]),
]

const walking = inFile('transport/node/frame-walk.ts', 'incoming-streams', [
  ['a short frame is as long as its first size', 'size < 126 ? 0', 'size < 127 ? 0'],
  ['a long frame has a short size', 'size === 126 ? 2 : 8', '2'],
  ['a mask is data', '(byte & IS_MASKED ? KEY_BYTES : 0)', '0'],
  ['sizes are read the wrong way round', 'this.#bodyBytes * 256 + byte', 'this.#bodyBytes + byte'],
  [
    'a frame ends with its chunk',
    '        if (this.#bodyBytes === 0) this.#at = 0\n',
    '        this.#at = 0\n',
  ],
  [
    'what a stream that was cut still holds is read as it is',
    "    if (rest !== null) stream.emit('data', rest)\n",
    '    if (rest !== null) stream.unshift(rest)\n',
  ],
])

const unmasking = [
  ...inFile('transport/node/unmasker.ts', 'unmasking', [
    ['a frame is unmasked twice', '      chunk[start + i] = 0\n', ''],
    ['short frames are unmasked early', ' && size >= LONG_BYTES', ''],
    ['the shortest of long frames is left to ws', 'size >= LONG_BYTES', 'size > LONG_BYTES'],
    ['each chunk begins with the first byte of the key', '    this.#passed += to - from\n', ''],
    ['a frame goes on where the one before ended', '    this.#passed = 0\n', ''],
  ]),
  ...inFile('transport/node/mask.ts', 'unmasking', [
    [
      'a word begins with the first byte of the key',
      'key[(passed + first - from + i) & 3]',
      'key[(passed + i) & 3]',
    ],
    [
      'what is behind the last word stays as it is',
      '  applyByBytes(bytes, last, to, key, passed + last - from)\n',
      '',
    ],
    ['what is behind the last word begins the key anew', 'passed + last - from)', 'passed)'],
    ['what is before the first word stays as it is', '  applyByBytes(bytes, from, first, key, passed)\n', ''],
    [
      'words behind the last four stay as they are',
      '  for (let i = end; i < words.length; i++) words[i]! ^= key\n',
      '',
    ],
  ]),
  ...inFile('transport/ws.ts', 'unmasking', [
    ['nothing is unmasked early', '    passAhead(this.#stream!, new Unmasker())\n', ''],
    ['frames are followed from wherever a message ended', ' && this.#isBetweenFrames', ''],
    ['frames are followed twice', '    this.#mayUnmask = false\n', ''],
    ['a connection with streams waits for a long message', '    if (this.#mayUnmask) this.#unmask()\n', ''],
    ['what was compressed counts as it is', " && this.#socket.extensions === ''\n", '\n'],
    ['bytes that nobody has read yet count', 'stream.bytesRead - stream.readableLength', 'stream.bytesRead'],
    [
      'pings do not count',
      '  pingArrived(data: Buffer): void {\n    this.#told(data)\n',
      '  pingArrived(data: Buffer): void {\n',
    ],
    [
      'pongs do not count',
      '  pongArrived(data: Buffer): void {\n    this.#told(data)\n',
      '  pongArrived(data: Buffer): void {\n',
    ],
    ['a key is no part of a frame', 'frameSize(data.length, true)', 'frameSize(data.length, false)'],
  ]),
]

const goingOn = inFile('transport/ws.ts', 'batching', [
  ['what was sent stays behind what the stream held back', '    this.#madeWriter?.reads()\n', ''],
])

const masking = inFile('transport/node/frame-writer.ts', 'node-client', [
  ['a long message of a client is not masked', 'frameOf(message, true)', 'frameOf(message, false)'],
])

const splitting = inFile('transport/node/fragment-splitter.ts', 'incoming-streams', [
  ['a message within a message is one', 'if (this.#open !== undefined) return first & ~OPCODE', ''],
  ['a text is bytes', "opcode === TEXT ? 'text' : 'binary'", "opcode === CONTINUATION ? 'text' : 'binary'"],
  [
    'each fragment is the last',
    'this.#marks.push({ kind: open, isLast })',
    'this.#marks.push({ kind: open, isLast: true })',
  ],
  ['nothing ends a message', '    if (isLast) this.#open = undefined\n', ''],
  ['what is compressed is taken apart', 'first & RESERVED ? WHOLE : kind', 'kind'],
  ['what is compressed is no message', '    if (open === WHOLE && isLast) this.#marks.push(WHOLE)\n', ''],
  ['a continuation may say that it is compressed', ' || first & RESERVED) return first', ') return first'],
  ['a continuation of nothing is a message', 'open === undefined || ', ''],
  ['a control frame is a message', '    if (opcode > BINARY) return first\n', ''],
])

const pongs = inFile('transport/node/pongs.ts', 'faults', [
  ['pings are not answered', '    this.#socket.pong(ping, undefined, (error) => this.#written(error))\n', ''],
  ['one ping a turn is answered', '#answers < ANSWERS_A_TURN', '#answers < 1'],
  ['the newest ping is not answered', '    if (newest !== undefined) this.answer(newest)\n', ''],
  [
    'the oldest of those that wait is answered',
    'else this.#newest = Buffer.from(ping)',
    'else this.#newest ??= Buffer.from(ping)',
  ],
  [
    'answers of a peer that reads nothing pile up',
    'if (this.#isTurn ? this.#answers < ANSWERS_A_TURN : !this.#isUnderWay)',
    'if (true)',
  ],
  [
    'answers come behind our close',
    '    this.#stream?.cork()\n    process.nextTick(() => this.#endTurn())\n    this.#socket.pong(ping, undefined, (error) => this.#written(error))\n',
    '    this.#stream?.cork()\n    process.nextTick(() => {\n      this.#socket.pong(ping, undefined, (error) => this.#written(error))\n      this.#endTurn()\n    })\n',
  ],
])

const pings = inFile('pings.ts', 'faults', [
  [
    'a pong answers its own ping alone',
    '      answer.trySend(',
    '      if (number === newest) answer.trySend(',
  ],
  [
    'a pong of nothing that was asked is an answer',
    '    if (!(newest <= this.#count)) return // none of ours\n',
    '',
  ],
  ['a pong answers later pings', '      if (number > newest) return\n', ''],
  [
    'a ping that was cancelled before is sent',
    'else if (cancel === undefined || !hasFired(cancel)) this.#send',
    'else this.#send',
  ],
  [
    'a wrong cancel of a ping is found out late',
    '  ping(cancel: Cancel | undefined): Promise<number> {\n',
    '  async ping(cancel: Cancel | undefined): Promise<number> {\n',
  ],
])

const reading = inFile('incoming.ts', 'paused', [
  [
    'reading pauses one message late',
    'this.#waiting >= this.capacity ||',
    'this.#waiting > this.capacity ||',
  ],
  [
    'reading pauses one byte late',
    '|| this.#bytes >= this.#capacityBytes',
    '|| this.#bytes > this.#capacityBytes',
  ],
  [
    'reading goes on at any room',
    'this.#waiting <= this.capacity / 2 &&',
    'this.#waiting < this.capacity &&',
  ],
  [
    'reading goes on below half',
    'this.#waiting <= this.capacity / 2 &&',
    'this.#waiting < this.capacity / 2 &&',
  ],
  ['reading goes on whatever the bytes', ' && this.#bytes <= this.#capacityBytes / 2', ''],
])

const watch = inFile('heartbeat.ts', 'heartbeat', [
  ['time in which nobody looked counts', 'const LATE = LOOKS / 2\n', 'const LATE = 1e9\n'],
  ['a paused connection is not probed', '      transport.probe!()\n', ''],
  ['a paused connection is pinged', 'if (peer.reading.isPaused) {', 'if (false) {'],
  ['a peer that says nothing is not pinged', "      transport.ping!('')\n", ''],
  ['a peer that is gone is not cut', '      transport.destroy(new HeartbeatError(quietMs))\n', ''],
  ['a sign of the peer is none', '      peer.pingedAt = undefined\n      return\n', '      return\n'],
  ['the watch holds the process', '    this.#watching!.cancel()\n', ''],
  ['a cut does not say why', 'transport.destroy(new HeartbeatError(quietMs))', 'transport.destroy()'],
])

const probes = inFile('heartbeat.ts', 'paused', [
  ['there is one probe an interval', '!peer.isProbing && ', ''],
])

const writing = inFile('transport/node/frame-writer.ts', 'batching', [
  [
    'sends of a turn leave one by one',
    '  if (unflushed.push(writer) === 1) process.nextTick(endTurns)',
    '  writer.flush()',
  ],
  ['a lone message waits for the end of the turn', 'this.#loneTurns >= LONE_TURNS && ', 'false && '],
  [
    'a long text has the head of a short one',
    "this.#stream.write(asciiHead(size), 'latin1')\n",
    "this.#stream.write(asciiHead(size & 63), 'latin1')\n",
  ],
  [
    'a text beyond ASCII is written as Latin-1',
    "typeof message === 'string' && size === message.length && ",
    "typeof message === 'string' && ",
  ],
  [
    'what the kernel cut off is counted as sent',
    'if (error || this.#stream.destroyed) return',
    'if (error) return',
  ],
])

const crowding = [
  ...inFile('transport/node/crowd.ts', 'batching', [
    ['many are never a crowd', 'isCrowd = asked - before >= FEWEST', 'isCrowd = asked < before'],
    ['a crowd stays one', 'isCrowd = members.length >= FEWEST', 'isCrowd = true'],
    ['a few are a crowd', 'const FEWEST = 8', 'const FEWEST = 3'],
    ['who was told once is never told again', '  members.length = 0\n', ''],
    ['only the first of a crowd is told', 'i < members.length; i++', 'i < 1; i++'],
  ]),
  ...inFile('transport/node/frame-writer.ts', 'batching', [
    [
      'what waits for the crowd stays behind what is read',
      '    this.#leaveBeforeReading()\n    this.#enqueue(',
      '    this.#enqueue(',
    ],
    ['what was sent stays behind what the stream holds when a connection begins', '    this.reads()\n', ''],
    [
      'a crowd writes as if each were alone',
      'else if (isCrowded()) this.#sendInCrowd(message, size, bytes)\n    ',
      '',
    ],
  ]),
]

const accepted = inFile('connection.ts', 'accepted', [
  ['unsent is 0', 'unsent: this.#transport.bufferedMessages }', 'unsent: 0 }'],
  [
    'a rejected send has no message',
    '    this.#outgoing.fail((message) => this.#closeError(end, message))\n    this.#outgoing.end',
    '    this.#outgoing.fail(() => this.#closeError(end))\n    this.#outgoing.end',
  ],
])

const closing = inFile('connection.ts', 'node-server', [
  [
    'a send after our close is taken',
    '    this.#outgoing.fail((message) => this.#closeError(end, message))\n    this.#incoming.closing()',
    '    this.#incoming.closing()',
  ],
])

const telling = inFile('diagnostics.ts', 'diagnostics', [
  ['an opened connection is not told', '  publish(opened, { connection, via })\n', ''],
  [
    'a refusal that was dialled has no status',
    'publish(refused, { via, url: error.url, error, status: error.status })',
    'publish(refused, { via, url: error.url, error, status: undefined })',
  ],
  [
    'a refusal of ours is not told',
    '  else if (error instanceof RefusedError) publish(refused, { via, url, error, status })\n',
    '',
  ],
  ['a closed connection does not tell why', '...info, cause }', '...info, cause: undefined }'],
  [
    'a received message has no bytes',
    'publish(received, { connection, kind: kindOf(message), bytes })',
    'publish(received, { connection, kind: kindOf(message), bytes: 0 })',
  ],
  ['a sent text is counted in characters', 'Buffer.byteLength(message)', 'message.length'],
  [
    'a stream is not told when it was received',
    'if (received.hasSubscribers) publish(received, { connection: connectionOf(transport), kind, bytes })',
    '',
  ],
  ['each message is binary', "typeof message === 'string' ? 'text'", "typeof message === 'number' ? 'text'"],
  [
    'a wait is not told when it begins',
    '  publish(waiting, { connection, bufferedBytes, bufferedMessages })\n',
    '',
  ],
  [
    'each wait ends well',
    'performance.now() - since, isSent })',
    'performance.now() - since, isSent: true })',
  ],
  ['a wait takes no time', 'ms: performance.now() - since, isSent', 'ms: 0, isSent'],
  [
    'the end of a wait is told to those alone who hear of its begin',
    'if (!waiting.hasSubscribers && !waited.hasSubscribers)',
    'if (!waiting.hasSubscribers)',
  ],
  [
    'the end of a pause is told to those alone who hear of its begin',
    'if (!paused.hasSubscribers && !resumed.hasSubscribers)',
    'if (!paused.hasSubscribers)',
  ],
  ['a pause is not told', '  publish(paused, { connection, messages: connection.incoming.length })\n', ''],
  ['a pause that nobody heard of is told by one that somebody did', '  pausedSince.delete(connection)\n', ''],
  [
    'a pause takes no time',
    'publish(resumed, { connection, ms: performance.now() - since })',
    'publish(resumed, { connection, ms: 0 })',
  ],
  ['a ping is not told', '  publish(pinged, { connection: connectionOf(transport), quietMs })\n', ''],
  ['an answer is not told', '  publish(answered, { connection: connectionOf(transport), ms })\n', ''],
  [
    'a peer that is silent is not told',
    '  publish(expired, { connection: connectionOf(transport), quietMs })\n',
    '',
  ],
  ['subscribers run within the step', 'void DONE.then(() => to.publish(event))', 'to.publish(event)'],
])

const dialling = [
  ...inFile('dial.ts', 'dial', [
    ['a dial that took too long does not say so by its cause', '{ cause: ctx.err ?? error }', '{}'],
    [
      'a cancel that is null is none',
      'this.#attempt(withCancel(cancel), cancel)',
      'this.#attempt(withCancel(cancel ?? background()), cancel ?? background())',
    ],
    [
      'webSocketStream may be anything',
      "readBoolean(options, 'webSocketStream', true)",
      'options.webSocketStream ?? true',
    ],
    ['a URL may have a fragment that is empty', '/^wss?:[^#]*$/', '/^wss?:[^#]*#?$/'],
    ['what is no URL is shown as a text', 'got ${describe(url)}`)', 'got ${describe(String(url))}`)'],
  ]),
  ...inFile('protocols.ts', 'dial', [
    ['a subprotocol may be offered twice', ' || protocols.indexOf(protocol) < i', ''],
    ['which subprotocol is wrong is not told', 'wrongOption(`protocols[${i}]`', "wrongOption('protocols'"],
  ]),
  ...inFile('transport/bytes.ts', 'realms', [
    [
      'bytes of another realm are none',
      "ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array'",
      'value instanceof Uint8Array',
    ],
  ]),
  ...inFile('transport/page.ts', 'realms', [
    [
      'what a page of another realm brings is no message',
      "typeof data === 'string' || isBytes(data) ? data : new Uint8Array(data)",
      '!(data instanceof ArrayBuffer) ? data : new Uint8Array(data)',
    ],
  ]),
  ...inFile('decoder.ts', 'codec', [
    ['a thenable may settle twice', 'Promise.resolve(decoded).then(', 'decoded.then('],
  ]),
  ...inFile('headers.ts', 'dial', [
    ['headers may be a Map', 'if (!isHeaders && !isRecord(headers))', 'if (false)'],
    ['a Headers is no headers', 'isHeaders ? [...(headers as Headers)]', 'false ? [...(headers as Headers)]'],
    ['headers are looked at by the request', 'checkedValue(name, value)])', 'value as string])'],
    ['a header may be undefined', "if (typeof value !== 'string') throw", 'if (false) throw'],
    ['a header may be no number', "typeof given === 'number' ? String(given) : given", 'given'],
  ]),
  ...inFile('node-options.ts', 'dial', [
    [
      'headers change behind the check',
      'Object.fromEntries(readHeaders(headers))',
      '(readHeaders(headers), headers)',
    ],
    ['any object is an agent', "if (typeof addRequest !== 'function')", 'if (agent === null)'],
    [
      'an agent may be of the other protocol',
      'protocol !== undefined && protocol !== expected',
      'protocol === expected.toUpperCase()',
    ],
    [
      'the agent of a proxy is one for http: only',
      "Object.getOwnPropertyDescriptor(agent, 'protocol') ?? {}",
      '{ value: (agent as { protocol?: string }).protocol }',
    ],
    [
      'tls may be a number',
      "  if (tls !== undefined) checkObject('use option tls: expected options of tls.connect', tls)\n",
      '',
    ],
  ]),
  ...inFile('errors.ts', 'dial', [
    ['a failed dial shows the password', "url.replace(/:\\/\\/[^/]*@/, '://')", 'url'],
    ['a path with @ is taken for a password', '/:\\/\\/[^/]*@/', '/:\\/\\/.*@/'],
  ]),
  ...inFile('retry.ts', 'redial', [
    ['random may give what makes no delay', "  checkNumber('random', drawn, 0)\n", ''],
    [
      'random may give 1',
      "  if (drawn >= 1) throw wrongOption('random', 'less than 1', drawn, RangeError)\n",
      '',
    ],
  ]),
  ...inFile('redial.ts', 'redial', [
    ['options of a redial may be null', "  checkObject('redial: options must be an object', options)\n", ''],
  ]),
  ...inFile('redialer.ts', 'redial', [
    [
      'a cancel of a redial that is null is none',
      '    cancel: Cancel = background(),\n  ) {\n',
      '    cancel: Cancel = background(),\n  ) {\n    cancel ??= background()\n',
    ],
    [
      'what a redial that ends has not got to the kernel is given up',
      'conn.flush().then(finished, () => {})',
      'finished()',
    ],
    ['a redial lets the peer have closeTimeoutMs twice', '        conn.destroy()\n', ''],
    [
      'a redial that failed with null has another cause',
      'closing.failure?.error === undefined ? new CloseError(info)',
      '(closing.failure?.error ?? undefined) === undefined ? new CloseError(info)',
    ],
    [
      'a redial that failed with undefined ended well',
      'closing.failure && { error: cause }',
      'closing.failure?.error === undefined ? undefined : { error: cause }',
    ],
    [
      'a redial that refused a message does not say why',
      "this.#beginClose(code, '', { error: new CloseError(endOf({ code, reason: '' }), { cause }) })",
      'this.#beginClose(code)',
    ],
  ]),
]

const options = [
  ...inFile('options.ts', 'dial', [
    [
      'options may be a number',
      "if (typeof given !== 'object' || given === null)\n",
      'if (given === undefined)\n',
    ],
    ['a parent that is none is not shown', "or { signal }', cancel)", "or { signal }', undefined)"],
  ]),
  ...inFile('connection-options.ts', 'wrap', [
    [
      'options of a wrapped WebSocket may be null',
      '  checkObject(`${operation}: options must be an object`, options)\n',
      '',
    ],
  ]),
  ...inFile('accept.ts', 'accept', [
    ['options of accept are told as those of wrap', "readOptions(options, 'accept')", 'readOptions(options)'],
  ]),
  ...inFile('origins.ts', 'accept', [
    ['which origin is wrong is not told', 'wrongOption(`origins[${i}]`', "wrongOption('origins'"],
  ]),
  ...inFile('listen-options.ts', 'listen', [
    ['a path with two slashes is none', '`http://localhost${path}`', 'new URL(path ?? "", "http://x").href'],
  ]),
  ...inFile('listen.ts', 'listen', [
    ['a path may be what no request has', '    checkPath(options)\n', ''],
    [
      'maxConnections may be a part of one',
      "readWhole(options, 'maxConnections', 65_536)",
      'options.maxConnections ?? 65_536',
    ],
    [
      'options of a listener may be null',
      '    checkObject(`${handler === undefined',
      '    void (`${handler === undefined',
    ],
  ]),
  ...inFile('testing/pipe.ts', 'pipe', [
    [
      'options of a pipe may be a number',
      "  checkObject('make a pipe: options must be an object', options)\n",
      '',
    ],
    ['the protocol of a pipe may be a number', "  checkString(options, 'protocol')\n", ''],
    ['the url of a pipe may be null', "  checkString(options, 'url')\n", ''],
  ]),
  ...inFile('hub.ts', 'hub', [
    ['a hub takes a connection with a codec', 'if (conn instanceof Coded)', 'if (false)'],
    [
      'options of a hub may be null',
      "    checkObject('make a hub: options must be an object', options)\n",
      '',
    ],
  ]),
  ...inFile('json.ts', 'codec', [
    [
      'options of json may be a number',
      "  checkObject('make a codec: options must be an object', options)\n",
      '',
    ],
  ]),
  ...inFile('with-codec.ts', 'codec', [
    [
      'what is refused through two codecs has no cause',
      '  refuse(code: number, cause: unknown): void {\n    refuse(this.#conn, code, cause)\n',
      '  refuse(code: number): void {\n    void this.#conn.close(code)\n',
    ],
  ]),
  ...inFile('codec.ts', 'codec', [
    ['what onInvalid may be is not told', `'onInvalid', "'close', 'skip' or a function")`, "'onInvalid')"],
  ]),
]

const served = [
  ...inFile('transport/node.ts', 'dial', [
    [
      'an answer whose body does not end in time has no status',
      '      if (isAnswered) return\n      socket.terminate()\n',
      '      socket.terminate()\n',
    ],
    [
      'an answer whose body breaks off has no status',
      '      if (isAnswered) return\n      stop()\n',
      '      stop()\n',
    ],
    ['what an agent throws is no failed dial', 'return fail(thrown)', 'throw thrown'],
    ['a 101 that is wrong is not told', '...(switching && headOf(switching)), ', ''],
  ]),
  ...inFile('transport/node.ts', 'memory', [
    ['an open connection keeps the answer to its dial', '      switching = undefined\n', ''],
  ]),
  ...inFile('accept.ts', 'memory', [
    ['an accepted connection has listeners', '      WebSocket: ReportingSocket,\n', ''],
  ]),
  ...inFile('transport/node/socket-events.ts', 'accept', [
    [
      'a fault in the frames of an accepted connection is nobody’s',
      "    else if (event === 'error') events.failed(details[0] as Error)\n",
      '',
    ],
  ]),
  ...inFile('dial.ts', 'dial', [
    [
      'an answer that does not end is none',
      '(ctx.err === undefined || error.status)',
      'ctx.err === undefined',
    ],
  ]),
  ...inFile('testing/pipe-transport.ts', 'pipe', [
    [
      'half a character passes through a pipe',
      "message.replaceAll(/\\p{Surrogate}/gu, '\\ufffd')",
      'message',
    ],
  ]),
  ...inFile('incoming.ts', 'faults', [
    ['what is received after our close has a hole', 'this.#isDropping ||= this', 'this'],
  ]),
  ...inFile('incoming.ts', 'incoming-streams', [
    [
      'messages do not know what was dropped of streams',
      '    if (this.drops()) return\n',
      '    if (this.#isClosing && this.#isFull) return\n',
    ],
  ]),
  ...inFile('transport/ws.ts', 'faults', [
    [
      'a close is clean though ours never left',
      'end.wasClean && this.bufferedMessages === 0',
      'end.wasClean',
    ],
  ]),
  ...inFile('listen.ts', 'listen', [
    [
      'a refusal that is under way has no place',
      'void closeOf(socket).then(() => this.#handshakes.delete(socket))',
      'this.#handshakes.delete(socket)',
    ],
    ['a listener that closes waits for no refusal', '      ...[...this.#handshakes].map(closeOf),\n', ''],
    [
      'a listener that closes waits for ever for who does not read a refusal',
      'of [...this.#handshakes, ...this.#connections]',
      'of this.#connections',
    ],
    [
      'those that nobody received have no place once they have ended',
      '        this.#connections.add(opened)\n',
      '        this.#connections.add(opened)\n        this.#received(opened)\n',
    ],
    ['those that were received keep their places', '      taken: this.#received,\n', '      taken() {},\n'],
    [
      'those for whom somebody waited keep their places',
      'if (this.#arrivals.offer(conn)) this.#received(conn)',
      'this.#arrivals.offer(conn)',
    ],
    ['what onError rejects with ends the process', '.catch(failed)', ''],
    ['options of close may be null', "    checkObject('close: options must be an object', options)\n", ''],
  ]),
  ...inFile('connection.ts', 'serve', [
    [
      'the end of a connection is reported where the platform tells a handler of it',
      'depth > 4',
      'depth > 1',
    ],
    [
      'an error of a handler is not reported if the end of its connection is the cause',
      'if (isCanceled(error)) return',
      'if (!origins.has(error) && !(error instanceof AggregateError)) return',
    ],
  ]),
  ...inFile('upgrades.ts', 'diagnostics', [
    [
      'nobody is told of a path that is not served',
      "    connectionRefused('accept', error, requestUrl(request), answerOf(socket))\n",
      '',
    ],
  ]),
  ...inFile('http-server.ts', 'diagnostics', [
    ['nobody is told of a socket that is dropped', "      connectionRefused('accept', error)\n", ''],
    ['nobody is told of what is no HTTP', "    connectionRefused('accept', refused, '', status)\n", ''],
  ]),
  ...inFile('listen.ts', 'diagnostics', [
    [
      'nobody is told of who comes while the listener closes',
      "      connectionRefused('accept', error, requestUrl(request), answerOf(socket))\n",
      "      if (!isClosing) connectionRefused('accept', error, requestUrl(request), answerOf(socket))\n",
    ],
  ]),
  ...inFile('accept.ts', 'diagnostics', [
    [
      'who had gone was told a status',
      "connectionRefused('accept', error, requestUrl(request), answerOf(socket))",
      "connectionRefused('accept', error, requestUrl(request), (error as RefusedError).status)",
    ],
  ]),
  ...inFile('refusal.ts', 'accept', [
    ['a refusal that nobody reads is never cut', '    () => socket.destroy(),\n', '    () => {},\n'],
  ]),
  ...inFile('refusal.ts', 'listen', [
    ['a refusal is cut by a second answer', '  if (!socket.writable) return\n', ''],
  ]),
  ...inFile('accept.ts', 'accept', [
    ['a request may be for no path', "if (!targetOf(request).startsWith('/'))", 'if (false)'],
    ['options are taken for a forgotten head', '  checkHandshake(request, socket, head)\n', ''],
  ]),
  ...inFile('request-url.ts', 'listen', [
    ['a request for a whole URL has no path', "url.startsWith('/') || !URL.canParse(url)", 'true'],
    ['a host may have a path', '!/[/?#@\\\\\\s]/.test(host) && ', ''],
    ['a host may be no host', ' && URL.canParse(`ws://${host}`)', ''],
  ]),
  ...inFile('upgrades.ts', 'listen', [
    [
      'another copy of the package is a stranger on the server',
      '(shared[KEY] ??= new WeakMap())',
      'new WeakMap<Server | HttpsServer, Routing>()',
    ],
    [
      'a server that was left by its copies has a listener for upgrades still',
      "server.off('upgrade', routing.route)",
      "server.off('upgrade', route)",
    ],
    ['an upgrade that is left to others can end the process', "    socket.on('error', ignore)\n", ''],
  ]),
]

const ordinary = [
  ...inFile('ordinary-request.ts', 'ordinary-requests', [
    ['a WebSocket that is offered among others is a page', '!/websocket/i.test(upgrade) && ', ''],
    ['a body is not missed', ' && !hasBody(request)', ''],
    ['a page is asked for at no host', 'host !== undefined && ', ''],
    ['a page is asked for with a condition', ' && expect === undefined', ''],
    ['a second request of the socket is promised', '  response.shouldKeepAlive = false\n', ''],
    ['a page overtakes an earlier one', '  } catch {\n    return false\n', '  } catch {\n    return true\n'],
    ['a reset by who asked for a page ends the process', "  socket.on('error', ignore)\n", ''],
    ['who asked for a page cannot leave', "  socket.on('end', () => socket.end()).resume()\n", ''],
    ['a long page stops', "  socket.on('drain', () => response.emit('drain'))\n", ''],
    [
      'a page waits for what has come',
      "  Object.defineProperty(response, 'writableNeedDrain', { get: () => socket.writableNeedDrain })\n",
      '',
    ],
    ['a page cannot time out', '    if (!isHeard.includes(true)) socket.destroy()\n', ''],
    ['a page is cut whoever hears that it timed out', 'if (!isHeard.includes(true)) ', ''],
    ['a server does not hear that a page timed out', ", server.emit('timeout', socket as Socket)]", ']'],
    ['who was answered looks as if gone', '    request.resume()', '    '],
    ['a page leaves its socket open', '    socket.end(() => socket.destroy())\n', ''],
    ['nobody is told that who asked has gone', "  socket.once('close', () => request.destroy())\n", ''],
  ]),
  ...inFile('upgrades.ts', 'ordinary-requests', [
    ['a port of our own has pages', ' && !upgraders[0]!.ownsServer', ''],
    ['a server always has pages', " && server.listenerCount('request') > 0", ''],
    ['a page is what others may want', 'if (isForUs && hasPages', 'if (hasPages'],
    [
      'a page is answered twice',
      ' && answerOrdinary(this, request, socket))\n    return\n',
      ')\n    answerOrdinary(this, request, socket)\n',
    ],
  ]),
]

export const wsMutants = [
  ...ordinary,
  ...served,
  ...asked,
  ...hub,
  ...fragments,
  ...pieces,
  ...streams,
  ...gathering,
  ...walking,
  ...unmasking,
  ...goingOn,
  ...masking,
  ...splitting,
  ...pongs,
  ...pings,
  ...reading,
  ...watch,
  ...probes,
  ...writing,
  ...crowding,
  ...accepted,
  ...closing,
  ...telling,
  ...dialling,
  ...options,
]
