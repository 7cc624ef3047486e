// The MD5 sums of all files in a tree: node src/main.ts <folder>

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cancel, background, channel, group } from 'chansel'

const DIGESTERS = 8

/** The sum of each file below `root`, by its path. The first file that cannot be read fails the call and stops the rest. */
export function md5All(root: string, cancel: Cancel): Promise<Map<string, string>> {
  return group(cancel, async (g) => {
    const paths = channel<string>()
    void g.go(async (ctx) => {
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) await paths.send(join(entry.parentPath, entry.name), ctx)
      }
      paths.close()
    })

    const sums = new Map<string, string>()
    const digest = async (ctx: Cancel): Promise<void> => {
      for (;;) {
        const path = await paths.receive(ctx)
        if (!path.ok) return
        sums.set(path.value, await md5(path.value, ctx))
      }
    }
    await Promise.all(Array.from({ length: DIGESTERS }, () => g.go(digest)))
    return sums
  })
}

async function md5(path: string, { signal }: Cancel): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

if (process.argv[1] === import.meta.filename) {
  const sums = await md5All(process.argv[2] ?? '.', background())
  for (const [path, sum] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${sum}  ${path}`)
}
