// npm run build: the dist folder of every package, from scratch, since tsc keeps the output of deleted sources.

import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renameImportsOfDeclarations } from './declarations.mjs'
import { ensureDependencies } from './ensure-deps.mjs'
import { step } from './run.mjs'

await ensureDependencies()
const packages = new URL('../packages/', import.meta.url)
for (const name of readdirSync(packages)) {
  for (const output of ['dist', 'build.tsbuildinfo']) {
    rmSync(fileURLToPath(new URL(`${name}/${output}`, packages)), { recursive: true, force: true })
  }
}
step('Build', 'tsc', '-b', 'tsconfig.build.json')
renameImportsOfDeclarations(fileURLToPath(packages))
