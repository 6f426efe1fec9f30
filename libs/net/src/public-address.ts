import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** IANA's special-purpose registry for IPv4, multicast and the former class E; all that is not for everybody. */
const SPECIAL_IPV4: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared by carriers; Alibaba's metadata service, 100.100.100.200, lies in it.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local; 169.254.169.254 is where most clouds keep their metadata.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's host agent hands out secrets at a public address.
  ['168.63.129.16', 32],
]

/** Of the global unicast space: what tunnels to IPv4 addresses, and what is for protocols and documents. */
const SPECIAL_IPV6: readonly [network: string, prefix: number][] = [
  // Teredo (2001::/32), benchmarking, ORCHID and other assignments to protocols.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4
  ['2002::', 16],
  ['3fff::', 20],
]

/** IPv4 addresses as NAT64 has them (RFC 6052): on networks with IPv6 alone, every IPv4 host looks like this. */
const NAT64 = '64:ff9b::'

const special = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) {
  special.addSubnet(network, prefix, 'ipv4')
  special.addSubnet(NAT64 + network, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6')

/** Of IPv6 only what is named here is public: loopback, mapped, link-local, unique local and unheard-of ones aren't. */
const globalIpv6 = new BlockList()
globalIpv6.addSubnet('2000::', 3, 'ipv6')
globalIpv6.addSubnet(NAT64, 96, 'ipv6')

/**
 * Whether an address is anybody's on the internet. This machine's own addresses are not, public or not: what listens
 * there for its neighbours would take us for one.
 */
export function isPublicAddress(address: string, interfaces = networkInterfaces): boolean {
  // A zone ("fe80::1%eth0") means an address of one link.
  if (isIP(address) === 0 || address.includes('%')) return false
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  if (family === 'ipv6' && !globalIpv6.check(address, family)) return false
  return !special.check(address, family) && !ownAddresses(interfaces).check(address, family)
}

/** Read anew each time: addresses come and go while a service runs. Takes some 50 µs. */
function ownAddresses(interfaces: typeof networkInterfaces): BlockList {
  const own = new BlockList()
  for (const { address, family } of Object.values(interfaces()).flatMap((it) => it ?? [])) {
    if (family === 'IPv4') own.addAddress(NAT64 + address, 'ipv6')
    own.addAddress(address.replace(/%.*/, ''), family === 'IPv4' ? 'ipv4' : 'ipv6')
  }
  return own
}
