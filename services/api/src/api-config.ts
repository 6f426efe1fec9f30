import { join } from 'node:path'
import { connectionConfig } from '@app/jobs'
import { embeddingsConfig } from '@app/language'
import { netConfig } from '@app/net'
import { providersConfig, revaiWebhookConfig } from '@app/providers'
import { FatalError, Secret } from '@app/runtime'
import { storageConfig } from '@app/storage'
import { z } from 'zod'
import type { TokenKeys } from './http/verify-token.ts'

/** Shorter ones can be guessed offline from any token they signed. */
const jwtSecret = z
  .string()
  .min(32, 'needs at least 32 characters')
  .transform((value) => new Secret(value))

/** What the environment says to the API. */
export const apiConfig = {
  ...connectionConfig,
  ...storageConfig,
  ...providersConfig,
  ...embeddingsConfig,
  ...revaiWebhookConfig,
  ...netConfig,
  /** Requests are refused at once while the database has answered nothing at all for this long. */
  DATABASE_SILENCE_MS: z.coerce.number().int().min(100).default(3_000),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** The address to listen at; all of the machine's where it is left out. */
  LISTEN_HOST: z.string().optional(),
  /** HS256 tokens. */
  SUPABASE_JWT_SECRET: jwtSecret.optional(),
  /** Tokens signed with the project's published keys. */
  SUPABASE_URL: z.url().optional(),
  SUPABASE_JWKS_URL: z.url().optional(),
  /** Where files lie while they arrive; beside the storage by default, so that storing one is a rename. */
  SPOOL_DIR: z.string().optional(),
  MAX_FILE_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(10 * 1024 ** 3),
  /** Whether clips may be made of any address of a media file, not only of the platforms' posts. */
  ALLOW_GENERIC_URLS: z.stringbool().default(false),
  /** Whether `/download` is there, which answers when its job has ended. */
  ENABLE_LEGACY_ROUTES: z.stringbool().default(false),
  NODE_ENV: z.string().optional(),
  /** Whether webhooks may be sent to http addresses, in the clear. */
  WEBHOOK_ALLOW_HTTP: z.stringbool().default(false),
  /** Origins of web pages that may call, separated by commas. */
  CORS_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .default([]),
}

interface LegacyConfig {
  ENABLE_LEGACY_ROUTES: boolean
  NODE_ENV?: string | undefined
}

/** Whether `/download` is registered. Error: `legacy-in-production`. */
export function legacyRoutes({ ENABLE_LEGACY_ROUTES, NODE_ENV }: LegacyConfig): boolean {
  if (ENABLE_LEGACY_ROUTES && NODE_ENV === 'production') {
    const sentence = 'ENABLE_LEGACY_ROUTES is for testing: not where NODE_ENV is "production"'
    throw new FatalError('legacy-in-production', sentence)
  }
  return ENABLE_LEGACY_ROUTES
}

interface TokenConfig {
  SUPABASE_JWT_SECRET?: Secret | undefined
  SUPABASE_URL?: string | undefined
  SUPABASE_JWKS_URL?: string | undefined
}

/** Supabase publishes a project's keys at one place below its address. */
export function tokenKeys({ SUPABASE_JWT_SECRET, SUPABASE_URL, SUPABASE_JWKS_URL }: TokenConfig): TokenKeys {
  const published = SUPABASE_URL && `${SUPABASE_URL.replace(/\/+$/, '')}/auth/v1/.well-known/jwks.json`
  return { secret: SUPABASE_JWT_SECRET?.reveal(), jwksUrl: SUPABASE_JWKS_URL ?? published }
}

export function spoolDirectory(config: { SPOOL_DIR?: string | undefined; STORAGE_DIR: string }): string {
  return config.SPOOL_DIR ?? join(config.STORAGE_DIR, 'arriving')
}
