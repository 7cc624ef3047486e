// The figures in the docs come from the tables in bench/, and are put between marks: <!--hand-over-->1.33<!--/-->.
// `node scripts/figures.mjs` updates them after a run of the benchmarks; a test compares them with the tables.

import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { root } from './markdown.mjs'

/** The pages that quote figures. */
export const quoting = [
  'README.md',
  'docs/backpressure.md',
  'docs/performance.md',
  'docs/coming-from-effect.md',
  'docs/coming-from-rxjs.md',
  'docs/coming-from-ts-chan.md',
  'site/index.md',
]

/**
 * Of each figure the page, the cells that its row begins with, the title of its column, and, where the cell holds
 * several figures, the name before it.
 *
 * @type {Readonly<Record<string, readonly [page: string, row: readonly string[], column: string, name?: string]>>}
 */
const places = {
  'hand-over': ['README', ['spsc-unbuffered, of the floor'], 'measured'],
  'select-2-of-go': ['README', ['select over 2, ready, of Go'], 'measured'],
  'select-8-of-go': ['README', ['select over 8, ready, of Go'], 'measured'],
  'select-64-of-go': ['README', ['select over 64, ready, of Go'], 'measured'],
  'ts-chan-hand-over': ['README', ["ts-chan's spsc-unbuffered, of ours"], 'measured'],
  'ts-chan-crowd': ['README', ["ts-chan's mpmc-8x8-unbuffered, of ours"], 'measured'],
  'ts-chan-select-2': ['README', ["ts-chan's select-receive-2-ready, of ours"], 'measured'],
  'ts-chan-select-8': ['README', ["ts-chan's select-receive-8-ready, of ours"], 'measured'],
  'ts-chan-select-64': ['README', ["ts-chan's select-receive-64-ready, of ours"], 'measured'],
  'ns-hand-over': ['README', ['spsc-unbuffered'], 'chansel'],
  'ns-hand-over-go': ['README', ['spsc-unbuffered'], 'Go'],
  'ns-hand-over-promises': ['README', ['spsc-unbuffered'], 'raw promises'],
  'ns-hand-over-effect': ['README', ['spsc-unbuffered'], 'effect'],
  'ns-buffered': ['README', ['spsc-buffered-128'], 'chansel'],
  'ns-buffered-go': ['README', ['spsc-buffered-128'], 'Go'],
  'ns-try': ['README', ['spsc-buffered-128-try'], 'chansel'],
  'ns-select-2': ['README', ['select-receive-2-ready'], 'chansel'],
  'ns-select-2-go': ['README', ['select-receive-2-ready'], 'Go'],
  'ns-select-8': ['README', ['select-receive-8-ready'], 'chansel'],
  'ns-select-8-go': ['README', ['select-receive-8-ready'], 'Go'],
  'ns-select-64': ['README', ['select-receive-64-ready'], 'chansel'],
  'ns-select-64-go': ['README', ['select-receive-64-ready'], 'Go'],
  'bytes-blocked': ['README', ['memory-blocked', 'chansel', '100,000'], 'figures', 'bytes'],
  'bytes-goroutine': ['README', ['memory-blocked', 'Go', '100,000'], 'figures', 'bytes'],
  'us-cancel-at-once': ['README', ['cancel-signal', 'chansel', '100,000'], 'figures', 'atOnceEndUs'],
  'timer-late': ['README', ['starvation', 'chansel'], 'figures', 'timerLateP95Ms'],
  'echo-64': ['ws', ['echo-1x64x16, CPU of raw ws, of ours'], 'measured'],
  'echo-100-16': ['ws', ['echo-100x16x16, CPU of raw ws, of ours'], 'measured'],
  'echo-100-1': ['ws', ['echo-100x1x16, CPU of raw ws, of ours'], 'measured'],
  'echo-100-1-tls': ['ws', ['echo-100x1x16-tls, CPU of raw ws, of ours'], 'measured'],
  'echo-64-tls': ['ws', ['echo-1x64x16-tls, CPU of raw ws, of ours'], 'measured'],
  'fan-in': ['ws', ['fan-in-100x16x16'], 'of raw ws'],
  'echo-1k': ['ws', ['echo-100x16x1024, CPU of raw ws, of ours'], 'measured'],
  'echo-64k': ['ws', ['echo-100x16x65536, CPU of raw ws, of ours'], 'measured'],
  'broadcast-8': ['ws', ['broadcast-1000x8x1024, CPU of raw ws, of ours'], 'measured'],
  'broadcast-1': ['ws', ['broadcast-1000x1x1024, CPU of raw ws, of ours'], 'measured'],
  latency: ['ws', ['echo-1x1x16, median latency, of raw ws'], 'measured'],
  'slow-consumer': ['ws', ['1 GiB pushed at a slow consumer, peak RSS above idle'], 'measured'],
  'never-reads': ['ws', ['1 GiB sent to a peer that never reads, peak RSS above idle'], 'measured'],
  'never-reads-ws': ['ws', ['never-reads', 'raw ws'], 'figures', 'peakMiB'],
  mutex: ['tasks', ['mutex, of the fastest library'], 'measured'],
  semaphore: ['tasks', ['semaphore, of the fastest library'], 'measured'],
  'map-million': ['tasks', ['map-million, of the fastest library'], 'measured'],
  'map-16': ['pipelines', ['map-16, of the fastest library'], 'measured'],
  'ns-stages': ['pipelines', ['ten-stages'], 'chansel'],
  'ns-stages-for-await': ['pipelines', ['ten-stages'], 'chansel, for await'],
  'ns-stages-rxjs': ['pipelines', ['ten-stages'], 'RxJS'],
  'ns-stages-node': ['pipelines', ['ten-stages'], 'node:stream'],
  'ns-stages-effect': ['pipelines', ['ten-stages'], 'effect'],
  'kib-stages': ['pipelines', ['ten stages: heap taken while 1,000,000 items pass'], 'measured'],
}

/** Every figure, as the tables have it. */
export function figures() {
  /** @type {Map<string, string[][]>} */
  const tables = new Map()
  const found = new Map(
    Object.entries(places).map(([name, [page, row, column, inCell]]) => {
      const rows = tables.get(page) ?? rowsOf(read(`bench/${page}.md`))
      tables.set(page, rows)
      return [
        name,
        figureIn(rows, row, column, inCell) ?? lack(name, `no row ${row.join(', ')} in bench/${page}.md`),
      ]
    }),
  )
  const [, goTests] = /, (\d+) apply/.exec(read('docs/go-programs.md')) ?? []
  return found.set('go-tests', goTests ?? lack('go-tests', 'docs/go-programs.md does not say how many apply'))
}

/**
 * @param {string} name
 * @param {string} why
 * @returns {never}
 */
function lack(name, why) {
  throw new Error(`Cannot find the figure ${name}: ${why}`)
}

/**
 * The rows of all tables of a page, each below the row of its titles.
 *
 * @param {string} markdown
 */
function rowsOf(markdown) {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ ?\| /)
        .map((cell) => cell.trim()),
    )
}

/**
 * @param {string[][]} rows
 * @param {readonly string[]} start
 * @param {string} column
 * @param {string} [name]
 */
function figureIn(rows, start, column, name) {
  /** @type {string[]} */
  let titles = []
  for (const [i, row] of rows.entries()) {
    if (/^-+:?$/.test(rows[i + 1]?.[0] ?? '')) titles = row
    const place = titles.indexOf(column)
    if (place < 0 || !start.every((cell, at) => row[at] === cell)) continue
    const cell = name === undefined ? row[place] : row[place]?.split(`${name} `)[1]
    return cell?.match(/^-?[\d,.]*\d/)?.[0]
  }
  return undefined
}

/**
 * The text with every figure as it is now.
 *
 * @param {string} markdown
 * @param {ReadonlyMap<string, string>} current
 */
export function withFigures(markdown, current) {
  return markdown.replace(/<!--([a-z\d-]+)-->[^<]*<!--\/-->/g, (_, /** @type {string} */ name) => {
    return `<!--${name}-->${current.get(name) ?? lack(name, 'scripts/figures.mjs has no place for it')}<!--/-->`
  })
}

/** @param {string} path */
function read(path) {
  return readFileSync(root + path, 'utf8')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const current = figures()
  for (const path of quoting) writeFileSync(root + path, withFigures(read(path), current))
}
