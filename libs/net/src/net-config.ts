import { z } from 'zod'
import { parseAllowedHosts, type UrlRules } from './allowed-hosts.ts'

/** The variable `urlRulesFrom` reads, to be spread into the `loadConfig` of every service that fetches what users name. */
export const netConfig = {
  /** Hosts, host:port or networks, separated by commas, that may be reached although they are private. */
  URL_ALLOWED_HOSTS: z
    .string()
    .default('')
    .refine(isReadable, 'holds something that is no host, host:port or network (10.1.0.0/16)'),
}

export function urlRulesFrom({ URL_ALLOWED_HOSTS }: { URL_ALLOWED_HOSTS: string }): UrlRules {
  return { allowedHosts: parseAllowedHosts(URL_ALLOWED_HOSTS) }
}

function isReadable(text: string): boolean {
  try {
    parseAllowedHosts(text)
    return true
  } catch {
    return false
  }
}
