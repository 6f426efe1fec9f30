/** Names that mean this machine or this network, and nothing elsewhere. */
const LOCAL_NAME = /^[^.:]+$|\.(localhost|local|internal|lan|home\.arpa|test|invalid)$/i
const PRIVATE_IPV4 =
  /^(0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./
const PRIVATE_IPV6 = /^\[(::1?\]|f[cd]|fe[89ab]|::ffff:)/i

/** Whether an address is only known on this machine or in its network, as far as its spelling tells. */
function isLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return LOCAL_NAME.test(hostname) || PRIVATE_IPV4.test(hostname) || PRIVATE_IPV6.test(hostname)
}

/** Whether a provider at `from` can ask for `url`: anybody can for public ones, and neighbours for those of this network. */
export const canReach = (from: string, url: string): boolean => !isLocal(url) || isLocal(from)
