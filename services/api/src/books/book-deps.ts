import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import type { Logger } from '@app/runtime'
import type { AudiobookRoutesDeps } from '../routes/audiobooks.ts'
import type { SignUrls } from '../sign-urls.ts'
import type { StorageSweeper } from '../storage-sweeper.ts'
import { createAudiobook } from './create-audiobook.ts'
import { createAudiobooks } from './create-audiobooks.ts'
import { readAudiobook } from './read-audiobook.ts'
import { removeAudiobook } from './remove-audiobook.ts'

interface BookParts {
  db: Db
  bus: Bus
  log: Logger
  publicUrl: string
  signUrls: SignUrls
  sweeper: StorageSweeper
  /** Jobs of this book have changed: some may be due, and streams have something to show. */
  onChange: (audiobookId: string) => void
}

/** What the routes about books need. */
export function bookDeps({
  db,
  bus,
  log,
  sweeper,
  onChange,
  publicUrl,
  signUrls,
}: BookParts): Omit<AudiobookRoutesDeps, 'db'> {
  const create: AudiobookRoutesDeps['createAudiobook'] = async (ownerId, request) => {
    const created = await createAudiobook(db, ownerId, request)
    onChange(created.audiobook_id)
    return created
  }
  return {
    createAudiobook: create,
    createAudiobooks: (ownerId, requests) => {
      const onFault = (err: Error) => log.error({ err }, 'one of a batch failed')
      return createAudiobooks(requests, (request) => create(ownerId, request), onFault)
    },
    readAudiobook: (audiobookId) => readAudiobook({ db, signUrls, publicUrl }, audiobookId),
    removeAudiobook: async (audiobookId) => {
      await removeAudiobook({ db, bus, removeNow: sweeper.removeNow }, audiobookId)
      onChange(audiobookId)
    },
  }
}
