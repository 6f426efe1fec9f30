import { BlockList, isIP } from 'node:net'

/** What may be reached although it is private, and nothing else: everything public may be anyway. */
export interface UrlRules {
  allowedHosts: readonly AllowedHost[]
}

/** One entry of `URL_ALLOWED_HOSTS`: a name or a network, at one port or at any that is allowed to all. */
export interface AllowedHost {
  name?: string
  network?: BlockList
  port?: number
}

/** Reads "media.lan, localhost:9000, 10.1.0.0/16, [::1]:8080". Throws an Error that names the entry it can't read. */
export function parseAllowedHosts(text: string): AllowedHost[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseEntry)
}

function parseEntry(entry: string): AllowedHost {
  const bare = networkOf(entry)
  if (bare) return { network: bare }
  const [, host = '', port] = /^(.+?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const url = URL.parse(`http://${host}/`)
  if (!url || url.host !== url.hostname || url.pathname !== '/' || url.username || Number(port) > 65_535) {
    throw new Error(`${entry} is no host, host:port or network`)
  }
  const name = url.hostname.replace(/^\[|\]$|\.$/g, '')
  const network = networkOf(name)
  return { ...(network ? { network } : { name }), ...(port === undefined ? {} : { port: Number(port) }) }
}

function networkOf(text: string): BlockList | undefined {
  const [address = '', prefix] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  const longest = version === 4 ? 32 : 128
  if (version === 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  if (Number(prefix ?? longest) > longest) return undefined
  const network = new BlockList()
  network.addSubnet(address, Number(prefix ?? longest), version === 4 ? 'ipv4' : 'ipv6')
  return network
}

/** Whether a name is let in by name: wherever it leads, its owner has vouched for it. */
export function isAllowedName({ allowedHosts }: UrlRules, name: string, port: number): boolean {
  return allowedHosts.some((it) => it.name === name && (it.port ?? port) === port)
}

/** Whether an address is let in, by whatever name it was found. */
export function isAllowedAddress({ allowedHosts }: UrlRules, address: string, port: number): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  return allowedHosts.some((it) => it.network?.check(address, family) && (it.port ?? port) === port)
}

/** Whether exactly this port was let in, for a name or for one of its addresses. */
export function isNamedPort({ allowedHosts }: UrlRules, host: string, port: number): boolean {
  const family = isIP(host) === 4 ? 'ipv4' : 'ipv6'
  return allowedHosts.some(
    (it) => it.port === port && (it.name === host || (isIP(host) !== 0 && it.network?.check(host, family))),
  )
}
