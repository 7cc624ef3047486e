import type { Cell } from '../../report/results.ts'
import type { Pair } from './pair.ts'
import type { WsLoad } from './suite.ts'

/** Times per message in one run, and what each side did meanwhile. */
interface Run {
  readonly cpuNs: number
  readonly wallNs: number
  /** The bottleneck is whichever process is near 1; near neither, each waits for the other. */
  readonly serverLoad: number
  readonly generatorLoad: number
  /** The kernel's part of the server's time. */
  readonly systemShare: number
  /** How long a window took: of one message, its latency. */
  readonly p50Us: number
  readonly p99Us: number
}

/** A library under one load: its processes, and what was measured. */
export class Subject {
  readonly library: string
  readonly #pair: Pair
  readonly #load: WsLoad
  #messages = FEWEST
  readonly #runs: Run[] = []

  constructor(pair: Pair, load: WsLoad, library: string) {
    this.#pair = pair
    this.#load = load
    this.library = library
  }

  /** Connects, and finds the number of messages that takes a run's time. */
  async warmUp(targetMs: number, isQuick: boolean): Promise<void> {
    await this.#pair.connect(this.#load.traffic)
    let spentMs = 0
    let sent = 0
    const isCold = (): boolean => !isQuick && sent < WARM_UP_MESSAGES && spentMs < WARM_UP_MS
    for (let i = 0; (i < WARM_UPS && spentMs < WARM_UPS * targetMs) || isCold(); i++) {
      const { cpuNs, messages } = await this.#measure()
      spentMs += (cpuNs * messages) / 1e6
      sent += messages
      const fitting = Math.round((targetMs * 1e6) / Math.max(cpuNs, 1))
      this.#messages = Math.min(this.#messages * 8, Math.max(FEWEST, fitting))
    }
  }

  async run(): Promise<void> {
    this.#runs.push(await this.#measure())
  }

  async #measure(): Promise<Run & { readonly messages: number }> {
    const before = await this.#pair.usage()
    const sent = await this.#pair.send(this.#messages)
    const after = await this.#pair.usage()
    const cpuNs = (after.cpuUs - before.cpuUs) * 1_000
    return {
      messages: sent.messages,
      cpuNs: cpuNs / sent.messages,
      wallNs: sent.wallNs / sent.messages,
      serverLoad: cpuNs / sent.wallNs,
      generatorLoad: sent.cpuNs / sent.wallNs,
      systemShare: ((after.systemUs - before.systemUs) * 1_000) / cpuNs,
      p50Us: sent.p50Us,
      p99Us: sent.p99Us,
    }
  }

  cell(): Cell {
    const { name: load, group } = this.#load
    const series = (of: keyof Run): number[] => this.#runs.map((run) => Number(run[of].toPrecision(4)))
    return {
      library: this.library,
      load,
      group,
      n: this.#messages,
      cpuNs: series('cpuNs'),
      wallNs: series('wallNs'),
      figures: {
        serverLoad: series('serverLoad'),
        generatorLoad: series('generatorLoad'),
        systemShare: series('systemShare'),
        p50Us: series('p50Us'),
        p99Us: series('p99Us'),
      },
    }
  }

  stop(): void {
    this.#pair.stop()
  }
}

/** Enough to find the number of messages, and usually to be compiled; fewer if even the smallest run takes long. */
const WARM_UPS = 12
/** If a run has few messages: this many are enough to be compiled, within this much CPU time. */
const WARM_UP_MESSAGES = 50_000
const WARM_UP_MS = 2_000
const FEWEST = 256
