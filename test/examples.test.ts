// Every program in the README, the docs and the docstrings is compiled and run; `expression // => value` is an
// assertion.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import * as ws from '@chansel/ws'
import * as chansel from 'chansel'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
// In the tree, because the programs import the packages as everybody does; each run makes it again. Programs that compare
// with a library that only bench/ installs find it there.
const folders = { own: `${root}/test/.examples`, bench: `${root}/bench/.examples` }
const ofBench = /from '(rxjs|effect)'/

interface Example {
  readonly place: string
  readonly code: string
}

const sources = {
  pages: ['README.md', 'site/index.md', ...filesIn('docs', '.md'), ...filesIn('packages', 'README.md')],
  modules: filesIn('packages', '.ts').filter((path) => path.includes('/src/')),
}
const quotes = /<!-- source: (?<path>\S+)#(?<name>\w+) -->\n+```ts\n(?<code>.*?)```/gs
const programs: Example[] = [
  ...sources.pages.flatMap((path) => blocksOf(path, read(path).replace(quotes, ''))),
  ...sources.modules.flatMap((path) => docstringsOf(path, read(path))),
]

const [own, compared] = [
  programs.filter(({ code }) => !ofBench.test(code)),
  programs.filter(({ code }) => ofBench.test(code)),
]
const isBenchInstalled = ['rxjs', 'effect'].every((name) => existsSync(`${root}/bench/node_modules/${name}`))

for (const [folder, examples] of [
  [folders.own, own],
  [folders.bench, compared],
] as const) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  examples.forEach(({ code }, i) => writeFileSync(`${folder}/${i}.ts`, asModule(code)))
}
afterAll(() => {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true })
})

test('the examples compile', () => {
  expect(compiled(folders.own)).toBe('')
})

test.each(own.map(({ place }, i) => ({ place, i })))('the example in $place runs', async ({ i }) => {
  await import(/* @vite-ignore */ `${folders.own}/${i}.ts`)
})

// Without `npm ci` in bench/ there is nothing to compare with.
describe.skipIf(!isBenchInstalled)('beside libraries that bench/ installs', () => {
  test('the examples compile', () => {
    expect(compiled(folders.bench)).toBe('')
  })

  test.each(compared.map(({ place }, i) => ({ place, i })))('the example in $place runs', async ({ i }) => {
    await import(/* @vite-ignore */ `${folders.bench}/${i}.ts`)
  })
})

test.each(filesIn('examples', 'README.md'))('%s shows lines of its own sources', (page) => {
  const folder = page.replace('README.md', 'src')
  const written = new Set(
    filesIn(folder, '.ts').flatMap((path) =>
      read(path)
        .split('\n')
        .map((line) => line.trim()),
    ),
  )
  const shown = [...read(page).matchAll(/^```ts\n(.*?)^```/gms)].flatMap(([, code]) => code!.split('\n'))
  expect(shown.filter((line) => !written.has(line.trim()))).toEqual([])
})

const quoted = sources.pages.flatMap((page) =>
  [...read(page).matchAll(quotes)].map(({ groups }) => ({
    page,
    ...(groups as Record<'path' | 'name' | 'code', string>),
  })),
)
test.each(quoted)('$page shows $name as it stands in $path', ({ path, name, code }) => {
  const source = read(path)
  const start = source.indexOf(`export async function ${name}(`)
  expect(code).toBe(source.slice(start, source.indexOf('\n}\n', start) + 3))
})

/** What the compiler says of the programs in a folder. */
function compiled(folder: string): string {
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { typeRoots: [`${root}/node_modules/@types`] },
      include: ['*.ts'],
    }),
  )
  const compiler = `${root}/node_modules/typescript/bin/tsc`
  // In one thread: how files are divided among several threads must not decide what is inferred.
  return spawnSync(process.execPath, [compiler, '--singleThreaded', '-p', folder], { encoding: 'utf8' })
    .stdout
}

function blocksOf(path: string, text: string): Example[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => ({
    place: `${path}:${lineAt(text, match.index)}`,
    code: match[1]!,
  }))
}

/** An `@example` reaches to the next tag, the next headed line, or the end of the comment. */
function docstringsOf(path: string, text: string): Example[] {
  return [...text.matchAll(/^ *\* @example\n(.*?)(?=^ *\*\/|^ *\* @|^ *\* Source:)/gms)].map((match) => ({
    place: `${path}:${lineAt(text, match.index)}`,
    code: match[1]!.replace(/^ *\* ?/gm, ''),
  }))
}

/** The program with its assertions, and with imports if it has none, as in a docstring. */
function asModule(code: string): string {
  const asserted = code.replace(
    /^( *)(?:console\.log\((.+)\)|(.+?)) +\/\/ => (.+)$/gm,
    '$1deepEqual($2$3, $4)',
  )
  const imports = /^import /m.test(code)
    ? []
    : [importOf('chansel', chansel, code), importOf('@chansel/ws', ws, code)]
  return [
    `import { deepStrictEqual as deepEqual } from 'node:assert'`,
    ...imports,
    asserted,
    'export {}',
    '',
  ].join('\n')
}

function importOf(name: string, module: object, code: string): string {
  const used = Object.keys(module).filter((key) => new RegExp(`\\b${key}(<.*>)?[(.]`).test(code))
  return used.length === 0 ? '' : `import { ${used.join(', ')} } from '${name}'`
}

function filesIn(path: string, ending: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', path], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\n').filter((file) => file.endsWith(ending))
}

function read(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8')
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
