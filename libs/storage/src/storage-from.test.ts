import { loadConfig } from '@app/runtime'
import { expect, it } from 'vitest'
import { storageConfig, storageFrom } from './storage-from.ts'

const configOf = (env: Record<string, string>) => loadConfig(storageConfig, { SIGNING_SECRET: 's', ...env })

it('keeps objects on the disk when nothing else is configured', async () => {
  const storage = storageFrom(configOf({ PUBLIC_URL: 'https://books.example/' }))

  expect(storage.name).toBe('disk')
  expect(await storage.signedUrl('a/b.mp3', { expiresInSeconds: 60 })).toMatch(
    /^https:\/\/books\.example\/media\/a\/b\.mp3\?/,
  )
})

it('keeps objects in Supabase when its address and key are given', () => {
  const config = configOf({ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_x' })

  expect(storageFrom(config).name).toBe('supabase')
})

it('takes an address without a key for where users log in, and nothing more', () => {
  expect(storageFrom(configOf({ SUPABASE_URL: 'https://x.supabase.co' })).name).toBe('disk')
})
