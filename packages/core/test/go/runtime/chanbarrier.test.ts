// Go: src/runtime/chanbarrier_test.go TestChanSendBarrier — a request answered through a channel of its own:
//   what arrives is the object that was sent, while the heap is busy.
// Go: src/runtime/chanbarrier_test.go TestChanSendSelectBarrier — the same with an answer that gives up when
//   nobody wants it.

import { expect, test } from 'vitest'
import { channel, select, sendCase } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { type Go, program } from '../support/program.ts'

expectNothingLeft()

interface Answer {
  readonly response: object | null
  readonly error: Error | null
}

type Reply = (answers: ReturnType<typeof channel<Answer>>, answer: Answer) => Promise<unknown>

const replies: { name: string; reply: Reply }[] = [
  { name: 'TestChanSendBarrier: a plain send', reply: (answers, answer) => answers.send(answer) },
  {
    name: 'TestChanSendSelectBarrier: a send in a select',
    reply: (answers, answer) => select({ sent: sendCase(answers, answer), done: channel<void>() }),
  },
]

async function request(go: Go, reply: Reply): Promise<Answer> {
  const answers = channel<Answer>()
  go(() => reply(answers, { response: null, error: failure }))
  const { value } = await answers.receive()
  return value!
}

const failure = new Error('what every request is answered with')

test.each(replies)('$name', ({ reply }) =>
  program((go) => {
    for (let client = 0; client < 10; client++) {
      go(async () => {
        for (let i = 0; i < 1_000; i++) {
          const { response, error } = await request(go, reply)
          if (error !== failure || response !== null) expect.fail('The answer is not the one that was sent')
        }
      })
    }
  }),
)
