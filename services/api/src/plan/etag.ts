/** What is stored under a key never changes, so its name is its version. */
export function etagOf(objectKey: string): string {
  return `"${objectKey.split('/').at(-1)}"`
}

/** Whether a client has this version already, by its If-None-Match (RFC 9110 §13.1.2): 304 says so. */
export function isKnownVersion(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = ifNoneMatch?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
  return known.includes('*') || known.includes(etag)
}
