// Installs the dependencies of the lockfile if they are not there yet, and says so. Imports nothing but Node.
//
// Not a `pretest` or `prestart` script: those run every time, and not at all under `ignore-scripts`.
//
// Invariants:
// 1. One install at a time: the directory `.install.lock` is the mutex, since mkdir is atomic everywhere.
// 2. Nobody waits for the dead: a lock whose owner is gone, or that is older than any install takes, is stolen.
// 3. Whoever gets the lock looks again before it installs: the owner before it may have done the work.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const pollMs = 250
// A lock without a pid is one whose owner is between mkdir and write, or died there.
const unsignedLockMs = 5_000
// Longer than any install takes; by then a pid that lives may belong to another program.
const oldestLockMs = 15 * 60_000

/**
 * Resolves when everything that the lockfile asks for is in node_modules.
 *
 * @param {string} [folder] whose lockfile: the root's, unless told
 */
export async function ensureDependencies(folder = root) {
  if (isInstalled(folder)) return
  const lock = join(folder, '.install.lock')
  let waiting = false
  while (!takeLock(lock)) {
    if (!waiting) console.log('Waiting for another install of the dependencies ...')
    waiting = true
    await delay(pollMs)
  }
  let status = 0
  try {
    if (isInstalled(folder)) return
    console.log('Installing dependencies (npm ci) ...')
    status = await install(folder)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
  if (status !== 0) {
    console.error(`Cannot install dependencies: npm ci ended with exit code ${status}`)
    process.exit(status)
  }
  if (!isInstalled(folder))
    throw new Error('Cannot install dependencies: npm ci left node_modules incomplete')
}

// npm writes node_modules/.package-lock.json last, so an install that was cut short is seen as such.
/** @param {string} folder */
function isInstalled(folder) {
  const wanted = readLockedPackages(join(folder, 'package-lock.json'))
  if (!wanted) throw new Error('Cannot install dependencies: package-lock.json is missing or broken')
  const installed = readLockedPackages(join(folder, 'node_modules/.package-lock.json'))
  if (!installed) return false
  return Object.entries(wanted).every(([path, entry]) => {
    // Optional entries are the native binaries of other platforms.
    if (!path.includes('node_modules/') || entry.optional || entry.devOptional) return true
    if (!existsSync(join(folder, path))) return false
    return entry.link ? installed[path]?.link : installed[path]?.version === entry.version
  })
}

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry
 * @param {string} file
 * @returns {Record<string, LockEntry> | undefined}
 */
function readLockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** @param {string} lock */
function takeLock(lock) {
  try {
    mkdirSync(lock)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    stealStaleLock(lock)
    return false
  }
  writeFileSync(join(lock, 'pid'), String(process.pid))
  return true
}

// Renaming decides: of two thieves one gets the directory and the other an error, and both try again. If the lock was
// taken again since we looked, it is put back.
/** @param {string} lock */
function stealStaleLock(lock) {
  if (!isStale(lock)) return
  const loot = `${lock}.${process.pid}`
  try {
    renameSync(lock, loot)
    if (isStale(loot)) rmSync(loot, { recursive: true, force: true })
    else renameSync(loot, lock)
  } catch {
    // Another process was faster.
  }
}

/** @param {string} directory */
function isStale(directory) {
  const takenAt = statSync(directory, { throwIfNoEntry: false })?.mtimeMs
  if (takenAt === undefined) return false
  const ageMs = Date.now() - takenAt
  if (ageMs > oldestLockMs) return true
  let owner
  try {
    owner = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  } catch {
    return ageMs > unsignedLockMs
  }
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

// Not spawnSync: a signal must reach npm, or npm would go on installing after the lock is free.
/** @param {string} folder */
async function install(folder) {
  // If npm started us, npm's own path; under another package manager, or none, the npm on the PATH.
  const npmPath = process.env['npm_execpath'] ?? ''
  const isNpm = basename(npmPath) === 'npm-cli.js'
  const [command, ...prefix] = isNpm ? [process.execPath, npmPath] : ['npm']
  // Each flag undoes a setting that would leave tools out (NODE_ENV=production, omit=...) or say nothing (-s).
  const flags = ['--include=dev', '--include=optional', '--include=peer', '--loglevel=notice']
  const child = spawn(command, [...prefix, 'ci', ...flags, '--no-audit', '--no-fund'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && !isNpm,
  })
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal)
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, forward)
  /** @type {[number, null] | [null, NodeJS.Signals]} */
  const [status, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...ending) => resolve(/** @type {[number, null]} */ (ending)))
  })
  for (const name of signals) process.off(name, forward)
  return status ?? 128 + constants.signals[signal]
}

// `npm --prefix here test` hands its prefix down, and with it the wrong place for npm's global configuration: a
// proxy or a certificate set there would be lost.
function environment() {
  const env = { ...process.env }
  if (env['npm_config_prefix'] === env['npm_config_local_prefix']) {
    delete env['npm_config_prefix']
    delete env['npm_config_globalconfig']
  }
  return env
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code
}
