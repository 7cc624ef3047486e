import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Suite } from '../suites/suite.ts'
import { plot } from './plot.ts'
import { readme } from './readme.ts'
import type { Results } from './results.ts'

/** The results of record. */
export function readResults(bench: string, suite: Suite): Results {
  return JSON.parse(readFileSync(join(bench, `results/${suite.name}.json`), 'utf8')) as Results
}

/** One cell per line: if a figure changes, one line changes. */
export function writeResults(folder: string, suite: Suite, results: Results): void {
  const { cells, ...rest } = results
  const lines = cells.map((cell) => `    ${JSON.stringify(cell)}`).join(',\n')
  const head = JSON.stringify(rest, null, 2).slice(0, -2)
  mkdirSync(join(folder, 'results'), { recursive: true })
  writeFileSync(join(folder, `results/${suite.name}.json`), `${head},\n  "cells": [\n${lines}\n  ]\n}\n`)
}

/** Writes results, plot and the tables of the suite's page; the engine's page is the README. */
export function publish(bench: string, suite: Suite, results: Results): void {
  writeResults(bench, suite, results)
  writeFileSync(join(bench, `results/${suite.name}.svg`), plot(suite, results))
  const path = join(bench, suite.name === 'engine' ? 'README.md' : `${suite.name}.md`)
  writeFileSync(path, readme(readFileSync(path, 'utf8'), suite, results))
}
