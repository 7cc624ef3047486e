// Where Chromium is, and how the tests start it. Nothing is ever downloaded.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Chromium of this machine; `undefined` if there is none. */
export function findChromium() {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium'))
  return [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', ...onPath].find(isExecutable)
}

/** For a container, which has no user namespaces and no GPU, and should not use the network by itself. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @param {string | undefined} path */
function isExecutable(path) {
  try {
    accessSync(path ?? '', constants.X_OK)
    return true
  } catch {
    return false
  }
}
