// `npm run release -- --publish` against a registry of our own, by npm itself.

import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { release } from '../scripts/changelog.mjs'
import { copyRepository } from '../scripts/copy.mjs'
import { NpmHost } from './support/npm-host.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

/** The file that shows that everything is installed. */
const LOCK = 'node_modules/.package-lock.json'

test('publishes both packages once, in order, and what is published can be installed and runs', async () => {
  await using host = await NpmHost.start()
  const copy = copyRepository(root)
  const user = mkdtempSync(join(tmpdir(), 'chansel-publish-'))
  onTestFinished(() => [copy, user].forEach((folder) => rmSync(folder, { recursive: true, force: true })))
  cpSync(join(root, LOCK), join(copy, LOCK))
  const npmrc = join(user, 'npmrc')
  writeFileSync(npmrc, `//${host.address}/:_authToken=anyone\n`)
  const env = withoutForge({
    NPM_CONFIG_REGISTRY: `http://${host.address}/`,
    NPM_CONFIG_USERCONFIG: npmrc,
    NPM_CONFIG_CACHE: join(user, 'cache'),
  })
  // Not the way the scripts run programs: they block until these end, and the host is in this process.
  const run = async (cwd: string, command: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(command, args, { cwd, env })).stdout
  const publish = (tag: string): Promise<string> =>
    run(copy, process.execPath, 'scripts/release.mjs', '--publish', '--tag', tag)

  await expect(publish('v98.7.6')).rejects.toThrow(`the packages are ${version}, and --tag says v98.7.6`)
  await expect(publish(`v${version}`)).rejects.toThrow(`CHANGELOG.md has no section ${version}`)
  expect(host.published).toEqual([])

  const changelog = join(copy, 'CHANGELOG.md')
  writeFileSync(changelog, release(readFileSync(changelog, 'utf8'), version, '2000-01-01'))
  expect(await publish(`v${version}`)).toContain(`Published chansel ${version}`)
  const both = [`chansel ${version} public`, `@chansel/ws ${version} public`]
  expect(host.published).toEqual(both)
  // After a failure half way through, it is run again.
  expect(await publish(`v${version}`)).toContain(`@chansel/ws ${version} is published already`)
  expect(host.published).toEqual(both)

  writeFileSync(join(user, 'package.json'), '{ "type": "module" }')
  await run(user, 'npm', 'install', 'chansel', '--no-audit', '--no-fund')
  const program = `import { channel } from 'chansel'; const ch = channel(1); ch.trySend(7); console.log((await ch.receive()).value)`
  expect(await run(user, process.execPath, '--input-type=module', '--eval', program)).toBe('7\n')
}, 120_000)

/** The environment without the variables of the forge, where a publication has a provenance. */
function withoutForge(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = Object.entries(process.env).filter(([name]) => !/^(npm_config_|GITHUB_)/i.test(name))
  return { ...Object.fromEntries(settings), ...more }
}
