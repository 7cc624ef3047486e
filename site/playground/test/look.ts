// What runs in the page under test: it works the step button, and reads in one frame what is drawn and what the channels say.

/** One look at the page. */
export interface Look {
  tubes: {
    label: string
    drawn: Buffered
    /** Of the channel itself. */
    channel: Buffered
    senders: number
    receivers: number
    dropped: number | undefined
  }[]
  tasks: { id: string; state: string; status: string; holds: number | undefined; tokens: number }[]
  branches: { label: string; isLive: boolean; status: string }[]
  readouts: Record<string, number>
}

interface Buffered {
  length: number
  /** Places that are shown as filled. */
  filled: number
  /** Values that are drawn there. */
  tokens: number
  isClosed: boolean
}

/** Where a loop of steps ends: at numbers that the page shows, or at how a task is. */
export interface Until {
  readouts?: Record<string, number>
  task?: { id: string; status: string }
}

export interface Eyes {
  look(): Promise<Look>
  /** Steps until it is so, `most` times at most; gives what it saw after each step. */
  steps(until: Until, most: number): Promise<Look[]>
}

/** To be run in the page before its own script: leaves `eyes` there. */
export function openEyes(): void {
  interface Channel {
    readonly length: number
    readonly closed?: boolean
    readonly dropped?: number
  }
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)]
  const channels = () => (globalThis as unknown as { channels: Record<string, Channel> }).channels

  /** The page asked for this frame earlier, and is done with it. */
  const look = () => new Promise<Look>((resolve) => requestAnimationFrame(() => resolve(read())))

  function read(): Look {
    const centres = all('.token:not([data-end])').map((token) => {
      const { x, y, width, height } = token.getBoundingClientRect()
      return { x: x + width / 2, y: y + height / 2 }
    })
    const tokensIn = (part: HTMLElement) => {
      const { left, right, top, bottom } = part.getBoundingClientRect()
      return centres.filter(({ x, y }) => x > left && x < right && y > top && y < bottom).length
    }
    const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
    const status = (part: HTMLElement) => part.querySelector('.status')!.textContent
    return {
      tubes: all('.tube').map((tube) => {
        const label = tube.querySelector('b')!.textContent
        const { length, closed = false, dropped } = channels()[label]!
        return {
          label,
          drawn: {
            length: Number(tube.dataset['length']),
            filled: tube.querySelectorAll('.place.filled').length,
            tokens: tokensIn(tube),
            isClosed: tube.dataset['state'] === 'closed',
          },
          channel: { length, filled: length, tokens: length, isClosed: closed },
          senders: Number(tube.dataset['senders']),
          receivers: Number(tube.dataset['receivers']),
          dropped,
        }
      }),
      tasks: all('.task').map((task) => ({
        id: task.dataset['part']!,
        state: task.dataset['state']!,
        status: status(task),
        holds: number(task.dataset['holds']),
        tokens: tokensIn(task),
      })),
      branches: all('.branch').map((branch) => ({
        label: branch.querySelector('b')!.textContent,
        isLive: branch.dataset['state'] === 'live',
        status: status(branch),
      })),
      readouts: Object.fromEntries(
        all('[data-readout]').map((readout) => [readout.dataset['readout']!, Number(readout.textContent)]),
      ),
    }
  }

  async function steps({ readouts = {}, task }: Until, most: number): Promise<Look[]> {
    const seen = [await look()]
    const isThere = ({ readouts: shown, tasks }: Look) =>
      Object.entries(readouts).every(([name, value]) => shown[name] === value) &&
      (task === undefined || tasks.some(({ id, status }) => id === task.id && status === task.status))
    while (!isThere(seen.at(-1)!) && seen.length <= most) {
      document.getElementById('step')!.click()
      seen.push(await look())
    }
    return seen
  }

  const eyes: Eyes = { look, steps }
  Object.assign(globalThis, { eyes })
}
