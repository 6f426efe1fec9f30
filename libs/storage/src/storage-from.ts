import { type Secret, secret } from '@app/runtime'
import { z } from 'zod'
import { diskStorage } from './disk.ts'
import type { ObjectStorage } from './port.ts'
import { supabaseStorage } from './supabase.ts'

/** The variables `storageFrom` reads, to be spread into the `loadConfig` of every service that stores or reads objects. */
export const storageConfig = {
  STORAGE_DIR: z.string().default('.data/storage'),
  /** Signs the addresses of stored media; the same for all services. */
  SIGNING_SECRET: secret,
  /** Where browsers and providers reach the API. */
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
  /** With both of these set, objects are kept in Supabase and not on the disk. */
  SUPABASE_URL: z.url().optional(),
  SUPABASE_SERVICE_ROLE_KEY: secret.optional(),
  SUPABASE_STORAGE_BUCKET: z.string().default('media'),
}

interface StorageConfig {
  STORAGE_DIR: string
  SIGNING_SECRET: Secret
  PUBLIC_URL: string
  SUPABASE_URL?: string | undefined
  SUPABASE_SERVICE_ROLE_KEY?: Secret | undefined
  SUPABASE_STORAGE_BUCKET?: string | undefined
}

/** The API's route that serves a disk's signed paths. */
export const MEDIA_PATH = '/media/'

/** Where signed addresses lead: to Supabase, or to the API. */
export const storageUrl = (config: StorageConfig): string =>
  config.SUPABASE_URL && config.SUPABASE_SERVICE_ROLE_KEY ? config.SUPABASE_URL : config.PUBLIC_URL

/** Choosing storage is configuration, never code. */
export function storageFrom(config: StorageConfig): ObjectStorage {
  const {
    SUPABASE_URL: url,
    SUPABASE_SERVICE_ROLE_KEY: key,
    SUPABASE_STORAGE_BUCKET: bucket = 'media',
  } = config
  if (url && key) return supabaseStorage({ url, serviceKey: key.reveal(), bucket })
  return diskStorage({
    directory: config.STORAGE_DIR,
    signingSecret: config.SIGNING_SECRET.reveal(),
    publicBase: config.PUBLIC_URL.replace(/\/+$/, '') + MEDIA_PATH,
  })
}
