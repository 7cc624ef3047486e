import type { Measured } from '../suites/suite.ts'

/** Three digits: a shared machine cannot measure more. */
export function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function times(measured: Measured | null): string {
  return measured === null ? '' : `${digits(measured.value)}×`
}

/** With the quartiles around the median. */
export function timesWithSpread(measured: Measured | null): string {
  if (measured === null) return ''
  if (measured.low === undefined || measured.high === undefined) return times(measured)
  return `${times(measured)} (${digits(measured.low)} to ${digits(measured.high)})`
}

/** Columns of equal width; all but the first are aligned to the right. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
