import { forEach } from 'chansel/pipeline'
import { pipelineLoads } from '../suites/pipelines/loads/chansel.ts'

async function sumOf(items: AsyncIterable<number>): Promise<number> {
  let sum = 0
  await forEach(items, (item) => void (sum += item))
  return sum
}

export const library = pipelineLoads(sumOf)
