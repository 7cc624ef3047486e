/** Where something was called. */
export interface Place {
  toString(): string
}

/** For those who do not want to know. */
export const nowhere: Place = { toString: () => 'unknown' }

/**
 * A place in the caller's source. The stack is taken at once, and made text only when somebody reads it. Until then it
 * keeps alive what is on it.
 */
export class Site implements Place {
  readonly #holder: { stack?: string } = {}

  /** @param keepsNothing whether the stack is made text at once, which takes longer */
  constructor(keepsNothing: boolean) {
    const limit = Error.stackTraceLimit
    try {
      Error.stackTraceLimit = FRAMES
    } catch {
      // `Error` is frozen: its own limit has to do.
    }
    if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(this.#holder, Site)
    else this.#holder = new Error()
    if (Error.stackTraceLimit !== limit) Error.stackTraceLimit = limit
    if (keepsNothing) void this.#holder.stack
  }

  /** `file:line:column` of the first frame that is not the library's; `unknown` where stacks do not tell. */
  toString(): string {
    const places = (this.#holder.stack ?? '').split('\n').flatMap((line) => FRAME.exec(line)?.[1] ?? [])
    const place = places.find((frame) => !isOwn(frame, places))
    return place === undefined ? 'unknown' : shortened(decoded(place))
  }
}

/** Enough to get out of the library, whatever it was called through. */
const FRAMES = 24
/** `at f (place)`, `at place` and `f@place`. */
const FRAME = /(?:\(|@|\bat (?:async )?)((?:file:\/\/|https?:\/\/|[A-Za-z]:[\\/]|\/)[^()]*:\d+:\d+)\)?\s*$/

/** This file, with its query where a server of pages adds one; not so in a bundle. */
const OWN_FILE = /^(.*\/)(?:src|dist)\/testing\/site\.[jt]s(?:\?.*)?$/.exec(import.meta.url)
/**
 * Where the library lies when it is compiled, and where source maps say that it lies. (Not by `new URL`, which bundlers
 * take for the URL of a file.)
 */
const OWN_FOLDERS = OWN_FILE && ['dist/', 'src/'].map((folder) => decoded(OWN_FILE[1]!) + folder)
/** How many frames are the library's in any case: of a bundle, the file that they are in. */
const OWN_FRAMES = 3

function isOwn(place: string, places: readonly string[]): boolean {
  if (OWN_FOLDERS !== null) return OWN_FOLDERS.some((folder) => decoded(place).startsWith(folder))
  return places.slice(0, OWN_FRAMES).some((own) => fileOf(own) === fileOf(place))
}

function fileOf(place: string): string {
  return place.replace(/:\d+:\d+$/, '')
}

function decoded(place: string): string {
  const path = place.startsWith('file://') ? place.slice('file://'.length) : place
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Relative to the folder that the program was started in, where there is one. */
function shortened(place: string): string {
  const folder = (globalThis as { process?: { cwd?(): string } }).process?.cwd?.()
  return folder !== undefined && place.startsWith(`${folder}/`) ? place.slice(folder.length + 1) : place
}
