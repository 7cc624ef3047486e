// Whether JSR would accept the packages: a dry run of `deno publish`, in a copy that has only what is published. It reads
// the sources and the types of the surface; the compiler has checked the rest.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PACKAGES } from '../scripts/pack.mjs'

/**
 * @param {string} root
 * @param {string} deno
 * @returns {string | undefined} what is in the way
 */
export function tryPublishing(root, deno) {
  const copy = mkdtempSync(join(tmpdir(), 'chansel-jsr-'))
  try {
    for (const { folder } of PACKAGES) {
      mkdirSync(join(copy, basename(folder)))
      for (const part of ['src', 'jsr.json', 'README.md', 'LICENSE'])
        cpSync(join(root, folder, part), join(copy, basename(folder), part), { recursive: true })
    }
    // As a workspace, because the second package depends on the first, which JSR may not have yet.
    const workspace = PACKAGES.map(({ folder }) => `./${basename(folder)}`)
    writeFileSync(join(copy, 'deno.json'), JSON.stringify({ workspace }))
    const { status, stdout, stderr } = spawnSync(
      deno,
      ['publish', '--dry-run', '--allow-dirty', '--no-check'],
      {
        cwd: copy,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      },
    )
    return status === 0 ? undefined : `${stdout}${stderr}`
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
