// The packages as their users get them: packed, installed into an empty folder, compiled against, run, bundled.

import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PACKAGES, run } from '../scripts/pack.mjs'
import { Installed, filesOf, readJson, resolveTarget, root } from './support/installed.ts'

/** Programs of test/fixtures, and what they print. */
const programs = [
  ['core', '6\nHELLO\n'],
  ['pipeline', '[[9,16],[25]]\n12\n6\n'],
  ['ws', 'echo\n'],
] as const
const FILES = ['core.ts', 'pipeline.ts', 'ws.ts', 'page.ts']
/** What runtimes and bundlers look for in `exports`, besides `default`. */
const environments = [
  { name: 'Node', conditions: ['node', 'import', 'module-sync'] },
  { name: 'Bun', conditions: ['bun', 'node', 'import'] },
  { name: 'Deno', conditions: ['deno', 'node', 'import'] },
  { name: 'a bundler of pages', conditions: ['browser', 'module', 'import'] },
  { name: 'a bundler of workers', conditions: ['workerd', 'worker', 'browser', 'import'] },
  { name: 'TypeScript', conditions: ['types', 'import'] },
]

let installed: Installed

beforeAll(() => {
  installed = new Installed()
  installed.compile('nodenext', FILES, { noEmit: false })
}, 300_000)
afterAll(() => installed[Symbol.dispose]())

describe.each(PACKAGES)('$name', ({ name, folder }) => {
  test('carries its build, its README and its license, and nothing else', () => {
    const { files } = installed.tarball(name)
    const others = files.filter((path) => !/^dist\/.*\.(js|js\.map|d\.ts)$/.test(path))
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
    expect(files).toContain('dist/index.js')
  })

  test('passes publint', async () => {
    const tarball = readFileSync(installed.tarball(name).path)
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(tarball).buffer },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('passes attw, as a package of ES modules only', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    run(root, process.execPath, attw, installed.tarball(name).path, '--profile', 'esm-only')
  })

  test('says what a registry and a bundler have to know', () => {
    expect(installed.manifest(name)).toMatchObject({
      name,
      version: (readJson(join(root, 'package.json')) as { version: string }).version,
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20' },
      description: expect.stringMatching(/^[A-Z].{20,}[^.]$/),
      keywords: expect.arrayContaining(['channel', 'csp']),
      ...(name.startsWith('@') ? { publishConfig: { access: 'public' } } : {}),
    })
    // Nothing runs on install, and the publisher says where the sources are: see scripts/release.mjs.
    for (const field of ['scripts', 'repository', 'homepage', 'bugs', 'main', 'types', 'bundleDependencies'])
      expect(installed.manifest(name)).not.toHaveProperty(field)
  })

  test.each(environments)('has a file for each entry point and each import in $name', ({ conditions }) => {
    const { files } = installed.tarball(name)
    const { exports, imports = {} } = installed.manifest(name)
    const missing = Object.entries({ ...exports, ...imports })
      .map(([entry, target]) => ({ entry, file: resolveTarget(target, new Set(conditions)) }))
      .filter(({ file }) => file === undefined || !files.includes(file.replace('./', '')))
    expect(missing).toEqual([])
  })

  test('has types for each entry point, beside its code', () => {
    for (const [entry, target] of Object.entries(installed.manifest(name).exports)) {
      if (entry === './package.json') continue
      const code = resolveTarget(target, new Set(['node']))
      expect(resolveTarget(target, new Set(['types']))).toBe(code?.replace(/\.js$/, '.d.ts'))
    }
  })

  test('has declarations that import declarations by the names of their code', () => {
    const files = installed.tarball(name).files.filter((path) => path.endsWith('.d.ts'))
    const imports = files.flatMap((file) => [
      ...readFileSync(installed.path(name, file), 'utf8').matchAll(/['"](\.{1,2}\/[^'"]+)['"]/g),
    ])
    expect(imports.length).toBeGreaterThan(20)
    expect(
      imports.map(([, specifier]) => specifier).filter((specifier) => !specifier?.endsWith('.js')),
    ).toEqual([])
  })

  test('has source maps that lead from each file to its sources, and carry them', () => {
    const files = installed.tarball(name).files.filter((path) => path.endsWith('.js'))
    for (const file of files) {
      const code = readFileSync(installed.path(name, file), 'utf8')
      expect(code).toMatch(new RegExp(`//# sourceMappingURL=${file.split('/').at(-1)}\\.map\n?$`))
      const map = readJson(installed.path(name, `${file}.map`)) as SourceMapPayload
      const source = join(
        root,
        folder,
        dirname(file).replace('dist', 'src'),
        map.sources[0]!.split('/').at(-1)!,
      )
      expect(map).toMatchObject({ version: 3, sourcesContent: [readFileSync(source, 'utf8')] })
      const declarations = [...code.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)]
      const wrong = declarations.filter(({ index, 1: declared }) => {
        const line = code.slice(0, index).split('\n').length - 1
        const { originalLine } = new SourceMap(map).findEntry(line, 0) as { originalLine: number }
        return !map.sourcesContent[0]!.split('\n')[originalLine]!.includes(declared!)
      })
      expect(wrong.map(([text]) => text)).toEqual([])
    }
  })
})

// Under moduleResolution nodenext they compiled before all tests.
test('the programs compile for a bundler', () => {
  installed.compile('bundler', FILES)
})

test.each(['nodenext', 'bundler'])(
  'the declarations of chansel need no types of Node, under %s',
  (resolution) => {
    installed.compile(resolution, ['core.ts', 'pipeline.ts'], { types: [], skipLibCheck: false })
  },
)

describe('a program of a user', () => {
  test.each(programs)('runs: %s', (name, output) => {
    expect(installed.execute(`${name}.js`)).toBe(output)
  })

  test('loads every entry point', () => {
    const loads = specifiers().map((specifier) => `await import('${specifier}')\n`)
    writeFileSync(join(installed.folder, 'loads.mjs'), `${loads.join('')}console.log('loaded')\n`)
    expect(installed.execute('loads.mjs')).toBe('loaded\n')
  })
})

describe('an example, copied beside the packages', () => {
  test.each(['chat', 'dashboard'])('%s bundles as its own `npm start` does', (name) => {
    const copy = join(installed.folder, name)
    cpSync(join(root, 'examples', name), copy, { recursive: true, filter: (path) => !path.endsWith('dist') })
    const { scripts } = readJson(join(copy, 'package.json')) as { scripts: Record<string, string> }
    const commands = Object.values(scripts).flatMap((script) => script.split(' && '))
    const bundles = commands.filter((command) => command.startsWith('rolldown '))
    expect(bundles.length).toBeGreaterThan(0)
    for (const bundle of bundles) {
      const [, ...args] = bundle.split(' ')
      run(copy, process.execPath, join(root, 'node_modules/rolldown/bin/cli.mjs'), ...args)
      expect(existsSync(join(copy, args.at(-1)!))).toBe(true)
    }
  })
})

describe('in a bundle', () => {
  test('every entry point resolves, in a page but for the server', async () => {
    for (const [platform, chosen] of [
      ['node', specifiers()],
      ['browser', specifiers().filter((specifier) => specifier !== '@chansel/ws/server')],
    ] as const) {
      const program = chosen.map((specifier, i) => `export * as _${i} from '${specifier}'`).join('\n')
      const external = platform === 'node' ? [/^node:/, 'ws'] : []
      const [chunk] = await installed.bundle(program, { platform, external })
      expect(chunk!.imports.filter((id) => !/^node:|^ws$/.test(id))).toEqual([])
      expect(chunk!.exports).toHaveLength(chosen.length)
    }
  })

  test('a page holds nothing of Node and no ws', async () => {
    const chunks = await installed.bundle(readFileSync(join(installed.folder, 'page.ts'), 'utf8'))
    const external = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
    expect(external.filter((id) => !chunks.some(({ fileName }) => fileName === id))).toEqual([])
    const modules = chunks.flatMap(({ moduleIds }) => moduleIds)
    expect(modules.filter((id) => id.includes('/node_modules/ws/'))).toEqual([])
    expect(modules.filter((id) => id.endsWith('/dist/transport/browser.js'))).toHaveLength(1)
  })

  const CONTEXTS = ['context', 'internal/context-node', 'internal/deadline', 'internal/alarms', 'time'].map(
    (module) => `${module}.js`,
  )

  test.each([
    ['channel', ['select.js', ...CONTEXTS, 'selector.js', 'group.js', 'views.js']],
    ['channel, select', [...CONTEXTS, 'selector.js', 'group.js', 'views.js']],
    ['withTimeout', ['channel.js', 'select.js', 'selector.js', 'time.js', 'group.js']],
  ])('{ %s } leaves out what it does not use', async (names, unused) => {
    const chunks = await installed.bundle(`export { ${names} } from 'chansel'`)
    const held = chunks.flatMap(({ modules }) =>
      Object.entries(modules).flatMap(([id, { code }]) => (code ? [id.split('/dist/')[1]] : [])),
    )
    expect(held.filter((file) => unused.includes(file!))).toEqual([])
  })

  test('an import of which nothing is used leaves nothing', async () => {
    const [chunk] = await installed.bundle(
      specifiers()
        .filter((specifier) => specifier !== '@chansel/ws/server')
        .map((specifier) => `import '${specifier}'`)
        .join('\n'),
    )
    expect(chunk!.code.replace(/\/\/.*/g, '').trim()).toBe('')
  })

  // What a page loads, in bytes, minified and compressed; of the adapter without `chansel`.
  test.each([
    ['chansel', 'channel', 3_800],
    ['chansel', 'channel, select', 5_150],
    ['chansel', '*', 9 * 1_024],
    ['chansel/selector', 'selector', 6_650],
    ['@chansel/ws', 'dial', 5 * 1_024],
    ['@chansel/ws', 'redial', 7_140],
    ['@chansel/ws', 'dial, withCodec, json', 6_260],
    ['@chansel/ws', 'dial, redial, withCodec, json', 8_265],
  ])('of %s { %s } is at most %i bytes', async (from, names, budget) => {
    const program = names === '*' ? `export * from '${from}'` : `export { ${names} } from '${from}'`
    const external = from.startsWith('chansel') ? [] : [/^chansel/]
    expect(await installed.size(program, external)).toBeLessThanOrEqual(budget)
  })

  test('a project of Vite builds the program of the README, and it runs', async () => {
    const [, program] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
    writeFileSync(join(installed.folder, 'main.ts'), `${program!}\nconsole.log(seen.join())\n`)
    writeFileSync(join(installed.folder, 'index.html'), '<script type="module" src="/main.ts"></script>\n')
    const { build } = await import('vite')
    await build({
      root: installed.folder,
      configFile: false,
      logLevel: 'error',
      // The polyfill is a script of Vite's own, for pages.
      build: { target: 'es2022', modulePreload: { polyfill: false } },
    })
    const html = readFileSync(join(installed.folder, 'dist/index.html'), 'utf8')
    const [, script] = /src="\/(\S+\.js)"/.exec(html) ?? []
    expect(installed.execute(join('dist', script!))).toBe('1,4,9,16\n')
  })
})

/** What programs can import, of both packages. */
function specifiers(): string[] {
  return PACKAGES.flatMap(({ name }) =>
    Object.entries(installed.manifest(name).exports).flatMap(([entry, target]) =>
      filesOf(target).some((file) => file.endsWith('.js')) ? [entry.replace('.', name)] : [],
    ),
  )
}
