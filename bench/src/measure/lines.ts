import { createInterface } from 'node:readline'
import type { Failure } from './protocol.ts'

/** Answers each request, one JSON object per line of standard input, until that ends. An error is an answer, too. */
export async function answerLines<Request>(answer: (request: Request) => Promise<object>): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line) as Request).catch(failure)
    process.stdout.write(`${JSON.stringify(reply)}\n`)
  }
  process.exit(0)
}

function failure(error: unknown): Failure {
  return { error: error instanceof Error ? error.message : String(error) }
}
