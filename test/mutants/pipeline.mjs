import { inFile } from './mutant.mjs'

export default [
  ...inFile('pipeline/output.ts', [
    [
      'J10 K11',
      'a loop that is left ends nothing',
      'const released = this.#output.leave()',
      'const released = undefined',
    ],
    ['K11', 'one loop that is left ends what others read', '--this.loops > 0 || this.hasReceiver', 'false'],
    [
      'J9',
      'a cancelled stage still gives what it holds',
      '    this.values = null\n    this.fail(reason)',
      '    this.fail(reason)',
    ],
    ['J9', 'a cancel does not count once the source has ended', ' || this.held > 0)) {', ')) {'],
    [
      'J17',
      'a pipeline is left by one call for all stages',
      'this.isLanding ? Promise.resolve().then(() => this.abandon()) : ',
      '',
    ],
    [
      'K8',
      'a value that nobody waits for any more is lost',
      '(this.values ??= new Ring()).push(value)',
      'void 0',
    ],
  ]),
  ...inFile('pipeline/stage.ts', [
    [
      'J17',
      'a demand is taken back by one call for all stages',
      'if (this.isLanding) void Promise.resolve().then(() => this.isWanted || this.#suspendInputs())\n    else this',
      'this',
    ],
    [
      'J17',
      'a demand is made again by one call for all stages',
      'if (this.isLanding) void Promise.resolve().then(() => this.isWanted && this.#resumeInputs())\n    else this',
      'this',
    ],
    [
      'S6',
      'a receive that was taken back leaves one at the source',
      '    if (!this.isWanted) this.suspend()',
      '    void this.isWanted',
    ],
    ['J8', 'a stage that is over still watches its cancel', '    this.#watch?.withdraw()\n', ''],
    [
      'J9',
      'a silent stage does not hear of its cancel',
      'this.cancellation.park(this.#watch)',
      'void this.#watch',
    ],
    [
      'J10',
      'a stage that fails does not release its source',
      '    this.#demand = this.onTaken = null\n    return this.#release()',
      '    this.#demand = this.onTaken = null\n    return undefined',
    ],
  ]),
  ...inFile('pipeline/source.ts', [
    [
      'J13',
      'a number in the place of a result is undefined, for ever',
      "if ((typeof result === 'object' && result !== null) || typeof result === 'function') return result",
      'return result',
    ],
    [
      'J13',
      'what has no next is an iterator',
      "if (typeof (iterator as I | null | undefined)?.next === 'function') return iterator",
      'return iterator',
    ],
    [
      'J3',
      'an async iterable that has all at hand starves timers',
      '    if (++this.#row % PATIENCE === 0) await runtime.done()\n',
      '',
    ],
    ['J10', 'return of an iterator is not called', 'await iterator.return?.()', 'await undefined'],
    [
      'J1',
      'promises in an array are unwrapped',
      '    return runtime.succeeded(item === CLOSED ? CLOSED_RESULT : { value: item, ok: true })',
      '    return Promise.resolve(item).then((value) => (value === CLOSED ? CLOSED_RESULT : { value: value as T, ok: true }))',
    ],
  ]),
  ...inFile('pipeline/source.ts', [
    [
      'K11',
      'a stream whose read is under way is not cancelled',
      'isStream<T>(source) ? streamIterator(source)',
      'false as boolean ? streamIterator(source as never)',
    ],
    [
      'K11',
      'a stream that was cancelled stays locked',
      '      reader.releaseLock()\n      await',
      '      await',
    ],
    ['K11', 'a stream that was read stays locked', 'if (isOver) reader.releaseLock()', 'void isOver'],
  ]),
  ...inFile('pipeline/intake.ts', [
    [
      'C20',
      'a receive that goes on later takes nothing that came meanwhile',
      '    if (outcome === undefined) this.#park()\n    else this.commit(outcome)',
      '    this.#park()',
    ],
    [
      'B6',
      'an array starves beside a channel that is always ready',
      'if (end && isOutput(end)) end.ask()',
      'void end',
    ],
  ]),
  ...inFile('pipeline/intake.ts', [
    ['J10', 'what was released is read on', "return this.#state === 'entered'", 'return true'],
    [
      'K11',
      'a stage that ends before it reads leaves its source to go on',
      "if (!this.#mayRead()) return undefined\n    this.#state = 'released'",
      "if (this.#state !== 'entered') return undefined\n    this.#state = 'released'",
    ],
  ]),
  ...inFile('pipeline/map.ts', [
    ['J9', 'a parallel call that cancels is followed by others', 'if (!stage.observe()) return', ''],
    ['J9', 'a parallel call begins after the cancel', '            if (!stage.isOpen) return\n', ''],
    ['J3', 'a row of parallel calls leaves nobody a turn', 'row > PATIENCE', 'row > Infinity'],
  ]),
  ...inFile('pipeline/for-each.ts', [
    ['C22', 'the promise of a call is not waited for', 'if (isThenable(outcome)) await outcome', ''],
    [
      'J9 R3',
      'an item that came with a cancel is handed over after the rejection',
      '        if (!this.isOpen) return\n',
      '',
    ],
    ['J9', 'a function that cancels is called again', 'this.observe(); row++', 'this.isOpen; row++'],
    ['J3', 'a row of items leaves nobody a turn', 'row > PATIENCE', 'row > Infinity'],
    [
      'J10',
      'a failure is told before its source has cleaned up',
      '        this.#failure = { error }\n        return',
      '        throw error',
    ],
    [
      'J10',
      'how a source ended hides what failed before',
      'this.#failure ??= { error }',
      'this.#failure = { error }',
    ],
  ]),
  ...inFile('pipeline/calls.ts', [
    [
      'K6',
      'parallel calls have no bound',
      'return this.#open + this.#stage.held >= this.#limit',
      'return false',
    ],
    [
      'K3',
      'a failed call overtakes the results before it',
      '    if (this.#queue === null) this.#emit(call)',
      "    if (this.#queue === null || state === 'failed') this.#emit(call)",
    ],
  ]),
  ...inFile('pipeline/topics.ts', [
    [
      'B12',
      'a value from before the subscription is delivered',
      'subscriber.since < taken',
      'subscriber.since >= 0',
    ],
    [
      'B4',
      'who subscribes after a failure gets an end',
      'if (this.#failure === null) subscriber.end()',
      'if (this.isOpen === false) subscriber.end()',
    ],
    [
      'B5',
      'a subscriber that left still holds up the others',
      '    this.changed(subscriber)\n    const { topic }',
      '    const { topic }',
    ],
    [
      'B1',
      'the next value does not wait for the slowest',
      '!this.isWanted || (keyOf === null && this.#isFull(undefined as K))',
      '!this.isWanted',
    ],
    [
      'B8',
      'a full topic is given more',
      'while (this.#isFull(key as K)) await this.demand()',
      'this.#isFull(key as K)',
    ],
    [
      'K13',
      'an array is too fast for a dropping subscriber',
      'isAtHand && (this.#lossy > 0 || run % RUN === 0)',
      'isAtHand && run % RUN === 0',
    ],
    [
      'B2 K13',
      'a disconnected subscriber holds up the source by its absence',
      '    this.#wentSlow = subscriber.wentSlow',
      '    this.#wentSlow = false',
    ],
  ]),
  ...inFile('pipeline/topics.ts', [
    ['B1', 'nobody is known to be full', '      this.#full += isFull ? 1 : -1\n', ''],
  ]),
  ...inFile('pipeline/subscription.ts', [
    [
      'B1',
      'who has no more room still asks for the next',
      'if (this.held >= this.capacity) this.#feeder',
      'if (this.held > this.capacity) this.#feeder',
    ],
    [
      'B1',
      'who has room again does not ask for the next',
      '    if (!this.wasHungry) this.#feeder.changed(this)\n  }\n\n  protected over',
      '  }\n\n  protected over',
    ],
    [
      'B1',
      'who waits does not ask for the next',
      'wanted(): void {\n    if (!this.wasHungry)',
      'wanted(): void {\n    if (this.wasHungry)',
    ],
    [
      'B12',
      'who comes later gets nothing',
      '    this.#subscribers.add(subscriber)\n    this.#row = null',
      '    this.#subscribers.add(subscriber)',
    ],
    [
      'B13',
      'who left is kept alive',
      '    this.#subscribers.delete(subscriber)\n    this.#row = null',
      '    this.#subscribers.delete(subscriber)',
    ],
    ['B11', 'what was dropped is not counted', 'this.dropped++', 'void this.dropped'],
    [
      'B13 K4',
      'a disposed subscriber keeps what it held',
      '    void this.abandon()\n    this.clear()',
      '    void this.abandon()',
    ],
  ]),
  ...inFile('pipeline/transform.ts', [
    [
      'J17',
      'a value is made by one call for all stages',
      ' || this.isLanding) return ready',
      ') return ready',
    ],
    [
      'K8',
      'a value is made again while one is under way',
      'ready !== WOULD_WAIT || this.hasReceiver || !this.isResting',
      'ready !== WOULD_WAIT',
    ],
    [
      'K3',
      'a stage that is pulled to its end does not tell it',
      '        this.#left = 0\n        break',
      '        break',
    ],
    [
      'K8',
      'what a stage makes loses to others for ever',
      'if (!this.isWanted) this.suspend()',
      'if (!this.isWanted) continue',
    ],
    [
      'J3',
      'a filter that keeps nothing starves the event loop',
      'else if (++skipped % PATIENCE === 0) await runtime.done()',
      'else skipped++',
    ],
  ]),
  ...inFile('pipeline/batch.ts', [
    [
      'K13',
      'a batch that was handed on has no bound',
      'while (stage.held > 0 && (items.length >= size || size === Infinity)) await stage.demand()',
      '',
    ],
    [
      'K13',
      'a batch that was received grows on',
      '        items = []\n        stage.wake()',
      '        stage.wake()',
    ],
  ]),
  ...inFile('pipeline/throttle.ts', [
    [
      'K13',
      'who comes late gets the next at once',
      'stage.onTaken = () => pauseFrom(runtime.now())',
      'stage.onTaken = null',
    ],
    ['K13', 'values pile up while nobody receives', 'stage.replace(value)', 'stage.emit(value)'],
  ]),
  ...inFile('pipeline/debounce.ts', [
    [
      'K13',
      'last values pile up while nobody receives',
      'stage.replace(latest.value)',
      'stage.emit(latest.value)',
    ],
  ]),
  ...inFile('pipeline/output.ts', [
    [
      'R3',
      'an error thrown into an iteration leaves that of the release to nobody',
      '    this.return().catch(() => {})\n    return super',
      '    return super',
    ],
  ]),
]
