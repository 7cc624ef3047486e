// How many lines of each level a log has, with a progress bar: node src/main.ts <file>

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type Context, background, channel } from 'chansel'
import { fromReadableStream } from 'chansel/interop'

const LINES_PER_BATCH = 1_000

/** Counts the first words of the lines of a file (the levels of a log) with several workers. `progress` gets 0 to 1. */
export async function countLevels(
  path: string,
  workers: number,
  progress: (done: number) => void,
  ctx: Context,
): Promise<Map<string, number>> {
  const batches = channel<string[]>(workers)
  const counts = channel<Map<string, number>>(workers)
  const reading = read().then(
    () => batches.close(),
    (error: unknown) => batches.close(error),
  )

  // Fan out: workers share one channel.
  const counting = Array.from({ length: workers }, async () => {
    const count = new Map<string, number>()
    for await (const lines of batches) for (const line of lines) add(count, line.split(' ', 1)[0]!, 1)
    await counts.send(count, ctx)
  })
  await Promise.all([reading, ...counting])
  counts.close()

  // Fan in.
  const total = new Map<string, number>()
  for await (const count of counts) for (const [level, n] of count) add(total, level, n)
  return total

  async function read(): Promise<void> {
    const { size } = await stat(path)
    using chunks = fromReadableStream<Buffer>(
      Readable.toWeb(createReadStream(path)) as ReadableStream,
      {},
      ctx,
    )
    const decoder = new TextDecoder()
    const lines: string[] = []
    let bytes = 0
    let rest = ''
    for await (const chunk of chunks) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = parts.pop()!
      lines.push(...parts)
      if (lines.length >= LINES_PER_BATCH) await batches.send(lines.splice(0), ctx)
      progress((bytes += chunk.length) / size)
    }
    if (rest !== '') lines.push(rest)
    await batches.send(lines, ctx)
  }
}

/** `done` from 0 to 1, as a bar of 20 places. */
export function bar(done: number): string {
  const full = Math.round(done * 20)
  return `[${'#'.repeat(full)}${' '.repeat(20 - full)}] ${Math.round(done * 100)} %`
}

function add(count: Map<string, number>, level: string, n: number): void {
  count.set(level, (count.get(level) ?? 0) + n)
}

if (process.argv[1] === import.meta.filename) {
  const show = (done: number): boolean => process.stderr.write(`\r${bar(done)}`)
  const total = await countLevels(process.argv[2]!, 4, show, background())
  process.stderr.write('\n')
  for (const level of [...total.keys()].sort()) console.log(`${level} ${total.get(level)}`)
}
