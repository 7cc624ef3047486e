import { wrongOption } from './options.ts'

/** Which pages may connect: those of these origins, all, or (`undefined`) those of the host that they connect to. */
export type Origins = readonly string[] | '*' | undefined

/** @throws TypeError for anything but a list of origins */
export function readOrigins(origins: Origins): Origins {
  if (origins === undefined || origins === '*') return origins
  if (!Array.isArray(origins)) throw wrongOption('origins', "'*' or a list of origins", origins)
  return origins.map((given: string, i) => {
    const { origin, hostname } = URL.canParse(given) ? new URL(given) : NO_URL
    // `file:` and the like have no origin to compare: all pages of that kind would be let in.
    if (origin === 'null' || hostname.includes('*'))
      throw wrongOption(`origins[${i}]`, `an origin, or '*' in the place of the list to let all`, given)
    return origin
  })
}

const NO_URL = { origin: 'null', hostname: '' }

/** Whether a page of `origin`, as the header says it, may connect by the name `host`. */
export function isAllowed(origins: Origins, origin: string | undefined, host: string): boolean {
  if (origin === undefined || origins === '*') return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  if (origins !== undefined) return origins.includes(page.origin)
  // Without the scheme, which behind a proxy that does TLS is not ours; but with the port that the page's scheme
  // implies.
  const own = `${page.protocol}//${host}`
  return URL.canParse(own) && new URL(own).host === page.host
}
