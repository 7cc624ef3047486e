// The packages as their users get them: packed, and installed into an empty folder.

import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type OutputChunk, type RolldownOptions, rolldown } from 'rolldown'
import { type Tarball, npm, packPackages, run } from '../../scripts/pack.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the programs run on, with its arguments: this Node, unless `npm run test:runtimes` says otherwise. */
const RUNTIME = JSON.parse(process.env['CHANSEL_RUNTIME'] ?? JSON.stringify([process.execPath])) as [string]

/** What of a package.json these tests look at. */
export interface Manifest {
  readonly exports: Readonly<Record<string, Target>>
  readonly imports?: Readonly<Record<string, Target>>
  readonly [field: string]: unknown
}
/** A file, or the file to take under each condition. */
export type Target = string | { readonly [condition: string]: Target }

export class Installed implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'chansel-packages-')))
  readonly tarballs: readonly Tarball[] = packPackages(root, this.folder)

  constructor() {
    // The versions of the root, because a release by somebody else must not fail our tests.
    const { devDependencies } = readJson(join(root, 'package.json')) as {
      devDependencies: Record<string, string>
    }
    const others = ['ws', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
    npm(this.folder, 'install', ...flags, ...this.tarballs.map(({ path }) => path), ...others)
    cpSync(join(root, 'test/fixtures/programs'), this.folder, { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  tarball(name: string): Tarball {
    const tarball = this.tarballs.find((candidate) => candidate.name === name)
    if (tarball === undefined) throw new Error(`Cannot find the tarball of ${name}`)
    return tarball
  }

  path(name: string, file: string): string {
    return join(this.folder, 'node_modules', name, file)
  }

  manifest(name: string): Manifest {
    return readJson(this.path(name, 'package.json')) as Manifest
  }

  compile(moduleResolution: string, files: readonly string[], options: object = {}): void {
    const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext'
    const lib = ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable']
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
    const target = { target: 'ES2022', lib, module, moduleResolution, types: ['node'], noEmit: true }
    const compilerOptions = { ...target, ...strict, ...options }
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    run(this.folder, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
  }

  /** Runs a module and gives what it printed. */
  execute(file: string): string {
    return run(this.folder, ...RUNTIME, file)
  }

  /** Bundles a program as a page's bundler does. */
  async bundle(
    program: string,
    { minify = false, ...options }: RolldownOptions & { minify?: boolean } = {},
  ): Promise<OutputChunk[]> {
    const input = join(this.folder, 'bundled.ts')
    writeFileSync(input, program)
    const target = { target: 'es2022' } as const
    const build = await rolldown({
      cwd: this.folder,
      input,
      platform: 'browser',
      transform: target,
      ...options,
    })
    const { output } = await build.generate({ format: 'esm', minify })
    await build.close()
    return output.filter((file) => file.type === 'chunk')
  }

  /** What a page loads for a program, in bytes, minified and compressed. */
  async size(program: string, external: RegExp[] = []): Promise<number> {
    const chunks = await this.bundle(program, { minify: true, external })
    return gzipSync(chunks.map(({ code }) => code).join(''), { level: 9 }).length
  }
}

/** Every file that a target may be, under whichever conditions. */
export function filesOf(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf)
}

/** The file of a target under `conditions`, as the runtimes find it: the first that holds. */
export function resolveTarget(target: Target, conditions: ReadonlySet<string>): string | undefined {
  if (typeof target === 'string') return target
  for (const [condition, next] of Object.entries(target)) {
    const found =
      condition === 'default' || conditions.has(condition) ? resolveTarget(next, conditions) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
