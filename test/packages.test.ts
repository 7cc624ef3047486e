// The packages as their users get them: packed, installed into an empty folder, compiled against, run, bundled.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = [
  { name: 'chansel', folder: 'packages/core' },
  { name: '@chansel/ws', folder: 'packages/ws' },
]
const programs = [
  { name: 'core', output: '6\nHELLO\n' },
  { name: 'pipeline', output: '[[9,16],[25]]\n12\n6\n' },
  { name: 'ws', output: 'echo\n' },
]

interface Tarball {
  name: string
  path: string
  files: string[]
}

let folder: string
let tarballs: Tarball[]

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'chansel-packages-')))
  run(root, 'scripts/build.mjs')
  const packed = npm(
    root,
    'pack',
    '--json',
    `--pack-destination=${folder}`,
    ...packages.map(({ name }) => `-w=${name}`),
  )
  tarballs = (JSON.parse(packed) as { name: string; filename: string; files: { path: string }[] }[]).map(
    (pack) => ({
      name: pack.name,
      path: join(folder, pack.filename),
      files: pack.files.map(({ path }) => path),
    }),
  )
  // The versions of the root, since a release of somebody else's must not fail our tests.
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const others = ['ws', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  npm(folder, 'install', ...flags, ...tarballs.map(({ path }) => path), ...others)
  cpSync(join(root, 'test/fixtures/programs'), folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(packages)('$name', ({ name }) => {
  test('carries its build, its README and its license, and nothing else', () => {
    const { files } = tarballOf(name)
    const others = files.filter((path) => !/^dist\/.*\.(js|js\.map|d\.ts)$/.test(path))
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
    expect(files).toContain('dist/index.js')
  })

  test('passes publint', async () => {
    const tarball = readFileSync(tarballOf(name).path)
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(tarball).buffer },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('passes attw, as a package of ES modules only', () => {
    run(
      root,
      'node_modules/@arethetypeswrong/cli/dist/index.js',
      tarballOf(name).path,
      '--profile',
      'esm-only',
    )
  })

  test('has source maps that carry the sources', () => {
    const map = readFileSync(join(folder, 'node_modules', name, 'dist/index.js.map'), 'utf8')
    const { sourcesContent } = JSON.parse(map) as { sourcesContent?: string[] }
    expect(sourcesContent?.join('')).toContain('export ')
  })
})

describe.each(['nodenext', 'bundler'])('under moduleResolution %s', (moduleResolution) => {
  test('the programs compile', () => {
    compile(moduleResolution, ['core.ts', 'pipeline.ts', 'ws.ts', 'page.ts'])
  })

  test('the declarations of chansel need no types of Node', () => {
    compile(moduleResolution, ['core.ts', 'pipeline.ts'], { types: [], skipLibCheck: false })
  })
})

test.each(programs)('the program $name runs in Node', ({ name, output }) => {
  compile('nodenext', [`${name}.ts`], { noEmit: false })
  expect(run(folder, `${name}.js`)).toBe(output)
})

test('the bundle of a page holds nothing of Node and no ws', async () => {
  const build = await rolldown({
    cwd: folder,
    input: 'page.ts',
    platform: 'browser',
    transform: { target: 'es2022' },
  })
  const { output } = await build.generate({ format: 'esm' })
  await build.close()
  const chunks = output.filter((file) => file.type === 'chunk')
  const external = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
  expect(external.filter((id) => !chunks.some(({ fileName }) => fileName === id))).toEqual([])
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds)
  expect(modules.filter((id) => id.includes('/node_modules/ws/'))).toEqual([])
  expect(modules.filter((id) => id.endsWith('/dist/transport/browser.js'))).toHaveLength(1)
})

// What a page loads of the adapter, in bytes, minified and compressed, without `chansel`.
test.each([
  ['dial', 5 * 1_024],
  ['redial', 7_300],
  ['dial, withCodec, json', 6_250],
  ['dial, redial, withCodec, json', 8_350],
])('the bundle of { %s } is at most %i bytes', async (names, budget) => {
  writeFileSync(join(folder, 'budget.ts'), `export { ${names} } from '@chansel/ws'\n`)
  const build = await rolldown({
    cwd: folder,
    input: 'budget.ts',
    platform: 'browser',
    external: /^chansel/,
    transform: { target: 'es2022' },
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const code = output.map((file) => (file.type === 'chunk' ? file.code : '')).join('')
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(budget)
})

const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']

function tarballOf(name: string): Tarball {
  const tarball = tarballs.find((candidate) => candidate.name === name)
  if (!tarball) throw new Error(`Cannot find the tarball of ${name}`)
  return tarball
}

function compile(moduleResolution: string, files: string[], options: object = {}): void {
  const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext'
  const lib = ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable']
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
  const target = { target: 'ES2022', lib, module, moduleResolution, types: ['node'], noEmit: true }
  const compilerOptions = { ...target, ...strict, ...options }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  run(folder, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
}

/** Runs a module in Node and gives what it printed; a failure carries it, too. */
function run(cwd: string, ...args: string[]): string {
  return execute(cwd, process.execPath, args)
}

function npm(cwd: string, ...args: string[]): string {
  const path = process.env['npm_execpath']
  return path?.endsWith('npm-cli.js') ? run(cwd, path, ...args) : execute(cwd, 'npm', args)
}

function execute(cwd: string, command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`Cannot run ${[command, ...args].join(' ')}\n${stdout}${stderr}`)
  }
}
