// tsc renames what JavaScript imports, and leaves declarations as they are: it reads them so, and some tools do not.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param {string} packages the folder of the packages, each with its `dist` */
export function renameImportsOfDeclarations(packages) {
  for (const name of readdirSync(packages)) {
    const dist = join(packages, name, 'dist')
    for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.d.ts')) continue
      const file = join(dist, path)
      const renamed = readFileSync(file, 'utf8').replaceAll(/(?<=['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '.js')
      writeFileSync(file, renamed)
    }
  }
}
