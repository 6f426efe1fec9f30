import { MEDIA_PATH, type ObjectStorage, verifySignedPath } from '@app/storage'
import type { Context } from 'hono'
import type { ApiApp, ApiEnv } from '../http/env.ts'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { webStream } from '../http/web-stream.ts'
import { planByteRange } from '../plan/byte-range.ts'
import { etagOf, isKnownVersion } from '../plan/etag.ts'
import { contentTypeOf } from '../plan/media-type.ts'

export interface MediaRoutesDeps {
  storage: Pick<ObjectStorage, 'stat' | 'read'>
  signingSecret: string
}

/** Serves stored media to whoever has a signed address, whole or in part: players ask for ranges to seek. */
export function mediaRoutes(app: ApiApp, { storage, signingSecret }: MediaRoutesDeps): void {
  app.get(`${MEDIA_PATH}*`, async (c) => {
    const key = decoded(c.req.path.slice(MEDIA_PATH.length))
    const nowS = Math.floor(Date.now() / 1000)
    const grant = key === undefined ? undefined : verifySignedPath(key, c.req.query(), signingSecret, nowS)
    if (key === undefined || !grant) {
      throw new Refusal('signature-invalid', 'this address is not valid, or no longer')
    }
    const signal = c.req.raw.signal
    const object = await storage.stat(key, { signal })
    if (!object) throw notFound('object')

    c.header('etag', etagOf(key))
    c.header('cache-control', 'private, max-age=3600')
    // Pages of another origin may play it: the signature is the permission.
    c.header('cross-origin-resource-policy', 'cross-origin')
    if (isKnownVersion(c.req.header('if-none-match'), etagOf(key))) return c.body(null, 304)

    const range = rangeOf(c, key, object.sizeBytes)
    c.header('content-type', object.contentType ?? contentTypeOf(key))
    c.header('content-disposition', disposition(grant.downloadName))
    c.header('accept-ranges', 'bytes')
    if (range.kind === 'none') {
      c.header('content-range', `bytes */${object.sizeBytes}`)
      throw new Refusal('range-not-satisfiable', `there are ${object.sizeBytes} bytes`)
    }
    const [start, end] = range.kind === 'part' ? [range.start, range.end] : [0, object.sizeBytes - 1]
    c.status(range.kind === 'part' ? 206 : 200)
    c.header('content-length', String(end - start + 1))
    if (range.kind === 'part') c.header('content-range', `bytes ${start}-${end}/${object.sizeBytes}`)
    if (c.req.method === 'HEAD' || end < start) return c.body(null)
    return c.body(webStream(await storage.read(key, { range: { start, end }, signal })))
  })
}

/** A player that has an older version's bytes must not mix them with ours. */
function rangeOf(c: Context<ApiEnv>, key: string, sizeBytes: number) {
  const isSame = [undefined, etagOf(key)].includes(c.req.header('if-range'))
  return planByteRange(isSame ? c.req.header('range') : undefined, sizeBytes)
}

/** Undefined for what no encoder of ours has written. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function disposition(name: string | undefined): string {
  if (name === undefined) return 'attachment'
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `attachment; filename*=UTF-8''${encoded}`
}
