import type { Suite, TimedLoad } from '../suites/suite.ts'
import { digits, markdownTable, times, timesWithSpread } from './format.ts'
import { judge } from './judge.ts'
import { presentationOf } from './presentation.ts'
import { type Cell, ResultFigures, type Results, spreadOf } from './results.ts'
import { probeFigures, remark } from './table.ts'

/** The text with everything between its markers, `<!-- name -->` to `<!-- /name -->`, replaced. */
export function readme(text: string, suite: Suite, results: Results): string {
  const sections = {
    machine: machine(suite, results),
    targets: targets(suite, results),
    times: matrix(suite, results),
    spread: spreads(suite, results),
    probes: probes(suite, results),
    remarks: remarks(suite, results),
  }
  return Object.entries(sections).reduce((made, [name, content]) => {
    const pattern = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`)
    if (!pattern.test(made)) throw new Error(`Cannot write the README: no markers for ${name}`)
    return made.replace(pattern, (_, open: string, close: string) => `${open}\n\n${content}\n\n${close}`)
  }, text)
}

function machine({ libraries }: Suite, { machine: it, effort, versions }: Results): string {
  const named = libraries.filter(
    ({ id, package: name }) => name !== undefined && id !== 'chansel-unprotected',
  )
  const packages = [...new Set(named.map(({ id, package: name }) => `${name} ${versions[id]}`))]
  return [
    `${it.date}, commit \`${it.commit}\`. ${it.cpu}, ${it.cores} cores, ${it.memoryGiB} GiB, ${it.system}.`,
    `Node ${it.node} (V8 ${it.v8}), ${it.go === null ? 'no Go' : `Go ${it.go} with one processor`}.`,
    `${effort.rounds} rounds of ${effort.targetMs} ms. ${packages.join(', ')}.`,
  ].join('\n')
}

function targets(suite: Suite, results: Results): string {
  const verdicts = judge(suite, results)
  const rows = verdicts.map(({ target, measured, met }) => {
    const bound = `${target.better === 'lower' ? 'at most' : 'at least'} ${target.limit} ${target.unit}`
    const spread =
      measured?.low === undefined ? '' : ` (${digits(measured.low)} to ${digits(measured.high!)})`
    const of = measured?.of === undefined ? '' : ` ${measured.of}`
    const value = measured === null ? 'not measured' : `${digits(measured.value)}${spread}${of}`
    return [target.what, bound, value, met === null ? '' : met ? 'met' : '**missed**']
  })
  const met = verdicts.filter((verdict) => verdict.met === true).length
  const missed = verdicts.filter((verdict) => verdict.met === false).length
  const summary = `${met} met, ${missed} missed, ${verdicts.length - met - missed} not measured.`
  return `${summary}\n\n${markdownTable(['target', 'limit', 'measured', ''], rows)}`
}

function timedLoads(suite: Suite): TimedLoad[] {
  return suite.loads.filter((load) => load.kind === 'timed').filter((load) => load.only === undefined)
}

/** Loads down, libraries across, each with its time and the multiple of the floor. */
function matrix(suite: Suite, results: Results): string {
  const figures = new ResultFigures(results)
  const rows = timedLoads(suite)
    .map((load) => [
      `${load.name}${load.unit === 'ms' ? ' (ms)' : ''}`,
      ...suite.libraries.map(({ id }) => {
        const cell = figures.timed(load.group, { library: id, load: load.name })
        if (cell?.cpuNs === undefined) return cell?.failed === undefined ? '' : failure(cell)
        const time = digits(spreadOf(cell.cpuNs).median / (load.unit === 'ms' ? 1e6 : 1))
        return `${time} (${times(figures.ofControl(suite, load, id)).slice(0, -1)})`
      }),
    ])
    .filter((row) => row.slice(1).some((cell) => cell !== ''))
  return markdownTable(['load', ...suite.libraries.map(({ title }) => title)], rows)
}

function failure({ failed }: Cell): string {
  return failed!.startsWith('wrong') ? 'loses values' : failed!.startsWith('no answer') ? 'hangs' : 'fails'
}

/** Ours and what it is compared with, with their quartiles, and the wall time beside the CPU time. */
function spreads(suite: Suite, results: Results): string {
  const figures = new ResultFigures(results)
  const { floorShort, rival, rivalTitle, detail } = presentationOf(suite)
  const title = suite.libraries.find(({ id }) => id === suite.subject)?.title ?? suite.subject
  const rows = timedLoads(suite).flatMap((load) => {
    const cell = figures.timed(load.group, { library: suite.subject, load: load.name })
    if (cell?.cpuNs === undefined) return []
    const scale = load.unit === 'ms' ? 1e6 : 1
    return [
      [
        load.name,
        timesWithSpread(figures.ofControl(suite, load, suite.subject)),
        timesWithSpread(
          figures.ratio(
            load.group,
            { library: suite.subject, load: load.name },
            { library: rival, load: load.name.replace('prepared-', '') },
          ),
        ),
        digits(spreadOf(cell.cpuNs).median / scale),
        digits(spreadOf(cell.wallNs!).median / scale),
        detail.of(cell.figures ?? {}),
        cell.n.toLocaleString('en'),
      ],
    ]
  })
  const head = [title, `of ${floorShort}`, `of ${rivalTitle}`, 'CPU', 'wall', detail.title, 'items a run']
  return markdownTable(head, rows)
}

function probes(suite: Suite, results: Results): string {
  const rows = results.cells
    .filter((cell) => cell.group === null)
    .map((cell) => [
      cell.load,
      suite.libraries.find(({ id }) => id === cell.library)?.title ?? cell.library,
      cell.n.toLocaleString('en'),
      probeFigures(cell),
    ])
  return markdownTable(['probe', 'library', 'size', 'figures'], rows)
}

/** The reasons for empty or odd cells in the tables. */
function remarks(suite: Suite, results: Results): string {
  const lines = suite.libraries.flatMap(({ id, title }) => {
    const loadsByRemark = new Map<string, string[]>()
    for (const cell of results.cells) {
      const text = remark(cell)
      if (cell.library !== id || text === '') continue
      const loads = loadsByRemark.get(text) ?? []
      if (!loads.includes(cell.load)) loads.push(cell.load)
      loadsByRemark.set(text, loads)
    }
    return [...loadsByRemark].map(([text, loads]) => `- **${title}**, ${loads.join(', ')}: ${text}`)
  })
  return lines.join('\n')
}
