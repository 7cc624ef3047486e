import { wrongOption } from './options.ts'

/**
 * The option `protocols` of either end: a list of different tokens.
 *
 * Source: RFC 6455, section 4.1.
 *
 * @throws TypeError for anything else
 */
export function readProtocols(protocols: readonly string[] = []): readonly string[] {
  if (!Array.isArray(protocols)) throw wrongOption('protocols', 'a list of tokens', protocols)
  for (const [i, protocol] of protocols.entries()) {
    if (typeof protocol !== 'string' || !TOKEN.test(protocol) || protocols.indexOf(protocol) < i)
      throw wrongOption(`protocols[${i}]`, 'another token', protocol)
  }
  return protocols
}

const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/
