import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Secret } from '@app/runtime'
import { storageFrom, verifySignedPath } from '@app/storage'
import { testWorld } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { soundSharing } from './share-sound.ts'

it('stores sound for a day at an address that is good for hours, and leaves the file where it was', async () => {
  await using world = await testWorld()
  const directory = await mkdtemp(join(tmpdir(), 'share-sound-'))
  try {
    const SIGNING_SECRET = new Secret('a secret of thirty-two characters or so')
    const storage = storageFrom({
      STORAGE_DIR: join(directory, 'stored'),
      SIGNING_SECRET,
      PUBLIC_URL: 'https://a.example',
    })
    const path = join(directory, 'sound.ogg')
    await writeFile(path, 'OggS')
    const share = soundSharing({ db: world.db, storage, scratchDirectory: directory })
    const sound = { path, format: 'opus' as const, bytes: 4, durationMs: 1_000, spans: [] }

    const url = new URL(await share(sound, new AbortController().signal))

    const key = url.pathname.replace('/media/', '')
    const inTwoHours = Math.floor(Date.now() / 1000) + 2 * 3_600
    const query = Object.fromEntries(url.searchParams)
    expect(verifySignedPath(key, query, SIGNING_SECRET.reveal(), inTwoHours)).toBeTruthy()
    expect(await text(await storage.read(key))).toBe('OggS')
    const { rows } = await sql<{ key: string; hours: number }>`
      select object_key as key, round(extract(epoch from delete_after - now()) / 3600)::int as hours
      from storage_deletions`.execute(world.db)
    expect(rows).toEqual([{ key, hours: 24 }])
    expect((await readdir(directory)).toSorted()).toEqual(['sound.ogg', 'stored'])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
