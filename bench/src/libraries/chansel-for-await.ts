// The same pipelines with a loop at their end, which needs a promise for each item.

import { pipelineLoads } from '../suites/pipelines/loads/chansel.ts'

async function sumOf(items: AsyncIterable<number>): Promise<number> {
  let sum = 0
  for await (const item of items) sum += item
  return sum
}

export const library = pipelineLoads(sumOf)
