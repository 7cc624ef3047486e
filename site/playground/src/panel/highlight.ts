import { create } from '../dom.ts'

/** What gets a colour in a line of TypeScript: the first that matches. */
const TOKENS: readonly (readonly [kind: string, pattern: string])[] = [
  ['comment', '//.*'],
  ['string', "'[^']*'"],
  [
    'keyword',
    String.raw`\b(?:import|export|from|type|interface|async|await|function|const|let|for|of|in|if|else|return|try|catch|true|false|void)\b`,
  ],
  ['number', String.raw`\b\d[\d_]*\b`],
  ['type', String.raw`\b[A-Z]\w*\b`],
  ['call', String.raw`\b\w+(?=\(|<\w+>\()`],
]
const TOKEN = new RegExp(TOKENS.map(([kind, pattern]) => `(?<${kind}>${pattern})`).join('|'), 'g')

/** The pieces of a line of code, in their colours. */
export function highlighted(line: string): (Node | string)[] {
  const pieces: (Node | string)[] = []
  let end = 0
  for (const match of line.matchAll(TOKEN)) {
    const kind = Object.entries(match.groups!).find(([, text]) => text !== undefined)![0]
    pieces.push(line.slice(end, match.index), create('span', { class: kind }, match[0]))
    end = match.index + match[0].length
  }
  pieces.push(line.slice(end))
  return pieces
}
