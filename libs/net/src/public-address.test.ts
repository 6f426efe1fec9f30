import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { isPublicAddress } from './public-address.ts'

const of = (family: 'IPv4' | 'IPv6', address: string) => ({ family, address }) as NetworkInterfaceInfo

const interfaces = () => ({
  lo: [of('IPv4', '127.0.0.1'), of('IPv6', '::1')],
  eth0: [of('IPv4', '8.8.4.4'), of('IPv6', '2606:4700::1'), of('IPv6', 'fe80::1%eth0')],
})

it.each(['8.8.4.4', '2606:4700::1', '2606:4700:0:0:0:0:0:1', '64:ff9b::8.8.4.4', '64:ff9b::808:404'])(
  "takes %s for none of the public's, being this machine's own",
  (address) => {
    expect(isPublicAddress(address, interfaces)).toBe(false)
    expect(isPublicAddress(address, () => ({}))).toBe(true)
  },
)

it.each(['8.8.8.8', '2606:4700::2', '1.1.1.1', '64:ff9b::1.1.1.1', '223.255.255.255'])(
  'takes %s for public',
  (address) => {
    expect(isPublicAddress(address, interfaces)).toBe(true)
  },
)

it.each(['', 'example.com', '8.8.8', '2606:4700::2%eth0', '::ffff:8.8.8.8', '4000::1'])(
  'takes %j for nothing that is public',
  (address) => {
    expect(isPublicAddress(address, interfaces)).toBe(false)
  },
)
