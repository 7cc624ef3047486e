import type { Suite } from '../suites/suite.ts'
import { align, digits, times, timesWithSpread } from './format.ts'
import { judge } from './judge.ts'
import { presentationOf } from './presentation.ts'
import { type Cell, ResultFigures, type Results, spreadOf } from './results.ts'

/** All that was measured, for a terminal: a table for each load, then the targets. */
export function report(suite: Suite, results: Results): string {
  const parts: string[] = []
  const figures = new ResultFigures(results)
  const { floorShort, detail } = presentationOf(suite)
  const title = (id: string): string => suite.libraries.find((library) => library.id === id)?.title ?? id
  for (const load of suite.loads) {
    const cells = results.cells.filter(
      (cell) => cell.load === load.name && cell.group === (load.kind === 'timed' ? load.group : null),
    )
    if (cells.length === 0) continue
    const rows =
      load.kind === 'timed'
        ? [
            [
              '',
              `CPU ${load.unit}`,
              `wall ${load.unit}`,
              `of ${floorShort}`,
              `of ${suite.subject}`,
              detail.title,
              'n',
              '',
            ],
            ...cells.map((cell) => {
              const { library } = cell
              if (cell.cpuNs === undefined) return [title(library), '', '', '', '', '', '', remark(cell)]
              const scale = load.unit === 'ms' ? 1e6 : 1
              const subject = { library: suite.subject, load: load.name }
              return [
                title(library),
                digits(spreadOf(cell.cpuNs).median / scale),
                digits(spreadOf(cell.wallNs!).median / scale),
                timesWithSpread(figures.ofControl(suite, load, library)),
                times(figures.ratio(load.group, { library, load: load.name }, subject)),
                detail.of(cell.figures ?? {}),
                String(cell.n),
                remark(cell),
              ]
            }),
          ]
        : cells.map((cell) => [`${title(cell.library)}, ${cell.n.toLocaleString('en')}`, probeFigures(cell)])
    parts.push(`\n${load.name} (${load.what})\n${align(rows)}`)
  }
  parts.push(`\nTargets\n${align(targetRows(suite, results))}`)
  return parts.join('\n')
}

export function remark({ no, failed, note }: Cell): string {
  return no !== undefined ? `no: ${no}` : (failed ?? note ?? '')
}

export function probeFigures(cell: Cell): string {
  if (cell.figures === undefined) return remark(cell)
  return Object.entries(cell.figures)
    .map(([name, values]) => `${name} ${digits(spreadOf(values).median)}`)
    .join(', ')
}

export function targetRows(suite: Suite, results: Results): string[][] {
  const verdicts = judge(suite, results).filter(({ measured }) => measured !== null)
  return verdicts.map(({ target, measured, met }) => {
    const bound = `${target.better === 'lower' ? '≤' : '≥'} ${target.limit} ${target.unit}`
    const value = digits(measured!.value)
    const of = measured!.of === undefined ? '' : ` (${measured!.of})`
    return [`${target.what}`, bound, `${value}${of}`, met === null ? '' : met ? 'met' : 'MISSED']
  })
}
