import { type Secret, secret } from '@app/runtime'
import { z } from 'zod'
import { diskStorage } from './disk.ts'
import type { ObjectStorage } from './port.ts'

/** The variables `storageFrom` reads, to be spread into the `loadConfig` of every service that stores or reads objects. */
export const storageConfig = {
  STORAGE_DIR: z.string().default('.data/storage'),
  /** Signs the addresses of stored media; the same for all services. */
  SIGNING_SECRET: secret,
  /** Where browsers and providers reach the API. */
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
}

interface StorageConfig {
  STORAGE_DIR: string
  SIGNING_SECRET: Secret
  PUBLIC_URL: string
}

/** The API's route that serves a disk's signed paths. */
export const MEDIA_PATH = '/media/'

/** Choosing storage is configuration, never code. */
export function storageFrom({ STORAGE_DIR, SIGNING_SECRET, PUBLIC_URL }: StorageConfig): ObjectStorage {
  return diskStorage({
    directory: STORAGE_DIR,
    signingSecret: SIGNING_SECRET.reveal(),
    publicBase: PUBLIC_URL.replace(/\/+$/, '') + MEDIA_PATH,
  })
}
