// A cache in front of a slow source: however many callers ask for a missing key, the source is asked once.

import { type Cancel, background, sleep } from 'chansel'
import { SingleFlight } from 'chansel/sync'

export class Cache<K, V> {
  readonly #load: (key: K) => Promise<V>
  readonly #values = new Map<K, V>()
  readonly #flights = new SingleFlight<K, V>()

  constructor(load: (key: K) => Promise<V>) {
    this.#load = load
  }

  async get(key: K, cancel?: Cancel): Promise<V> {
    if (this.#values.has(key)) return this.#values.get(key)!
    // A failure is not kept: the next caller tries again.
    const { value } = await this.#flights.do(
      key,
      async () => {
        const loaded = await this.#load(key)
        this.#values.set(key, loaded)
        return loaded
      },
      cancel,
    )
    return value
  }
}

if (process.argv[1] === import.meta.filename) {
  let loads = 0
  const cache = new Cache(async (key: string) => {
    loads++
    await sleep(50)
    return key.toUpperCase()
  })
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => cache.get('gopher')))
  console.log(`${answers.length} answers, ${loads} load, ${await cache.get('gopher', background())}`)
}
