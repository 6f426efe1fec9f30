import { createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedPath {
  key: string
  expiresAt: number
  downloadName?: string | undefined
}

/** `key?expires=…&name=…&signature=…`: HMAC-SHA256 over all that it grants. */
export function signPath({ key, expiresAt, downloadName }: SignedPath, secret: string): string {
  const query = new URLSearchParams({ expires: String(expiresAt) })
  if (downloadName !== undefined) query.set('name', downloadName)
  query.set('signature', sign(key, String(expiresAt), downloadName ?? '', secret))
  return `${key.split('/').map(encodeURIComponent).join('/')}?${query}`
}

/** What a signed path grants, or undefined where it is forged or expired. `nowSeconds` is Unix time. */
export function verifySignedPath(
  key: string,
  query: { expires?: string | undefined; name?: string | undefined; signature?: string | undefined },
  secret: string,
  nowSeconds: number,
): SignedPath | undefined {
  const { expires = '', name, signature = '' } = query
  const expected = Buffer.from(sign(key, expires, name ?? '', secret))
  const given = Buffer.from(signature)
  const genuine = given.length === expected.length && timingSafeEqual(given, expected)
  if (!genuine || !/^\d+$/.test(expires) || Number(expires) <= nowSeconds) return undefined
  return { key, expiresAt: Number(expires), downloadName: name }
}

/** Lengths stand before the parts, so that no two grants have one text. */
function sign(key: string, expires: string, name: string, secret: string): string {
  const text = [key, expires, name].map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return createHmac('sha256', secret).update(text).digest('base64url')
}
