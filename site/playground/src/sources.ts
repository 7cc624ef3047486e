/// <reference types="vite/client" />

const sources = import.meta.glob<string>('./programs/*.ts', { query: '?raw', import: 'default', eager: true })

/** The source of a program, as it was when the page was built from it. */
export function sourceOf(program: string): string {
  const source = sources[`./programs/${program}.ts`]
  if (source === undefined) throw new TypeError(`Cannot show ${program}: there is no such program`)
  return source
}
