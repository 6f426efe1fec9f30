import type { Db } from '@app/db'
import type { ObjectStorage } from '@app/storage'
import { THUMBNAIL_PATH } from '../clips/read-clip.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { webStream } from '../http/web-stream.ts'
import { etagOf, isKnownVersion } from '../plan/etag.ts'
import { contentTypeOf } from '../plan/media-type.ts'
import { thumbnailKeyOf } from '../queries/clip-content.ts'

export interface ThumbnailRoutesDeps {
  db: Db
  storage: Pick<ObjectStorage, 'stat' | 'read'>
}

/** Pictures of clips, for whoever has the address: it holds an id that nobody guesses, and lasts as long as the clip. */
export function thumbnailRoutes(app: ApiApp, { db, storage }: ThumbnailRoutesDeps): void {
  app.get(`${THUMBNAIL_PATH}:id`, async (c) => {
    const { signal } = c.req.raw
    const key = await thumbnailKeyOf(db, knownId(c.req.param('id'), 'object'))
    const object = key === undefined ? undefined : await storage.stat(key, { signal })
    if (key === undefined || !object) throw notFound('object')
    c.header('etag', etagOf(key))
    // Not for longer: a job that is deleted takes its picture with it.
    c.header('cache-control', 'public, max-age=3600')
    c.header('cross-origin-resource-policy', 'cross-origin')
    if (isKnownVersion(c.req.header('if-none-match'), etagOf(key))) return c.body(null, 304)
    c.header('content-type', object.contentType ?? contentTypeOf(key))
    c.header('content-length', String(object.sizeBytes))
    if (c.req.method === 'HEAD') return c.body(null)
    return c.body(webStream(await storage.read(key, { signal })))
  })
}
