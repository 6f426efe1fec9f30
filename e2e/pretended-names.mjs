// Loaded into the stack's processes by NODE_OPTIONS: names as a hostile DNS server answers them, and one of a platform
// that must not be asked for. Everything else is resolved as ever.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const PRETENDED = { 'clips.attacker.test': '10.0.0.7', 'metadata.attacker.test': '169.254.169.254' }
const ABSENT = ['vm.tiktok.com']

const lookup = dns.promises.lookup
dns.promises.lookup = async (name, options) => {
  if (ABSENT.includes(name))
    throw Object.assign(new Error(`${name} is not to be asked`), { code: 'ENOTFOUND' })
  const address = PRETENDED[name]
  if (address === undefined) return await lookup(name, options)
  const found = { address, family: 4 }
  return options?.all ? [found] : found
}
syncBuiltinESMExports()
