import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@app/runtime'
import { z } from 'zod'

/** What the downloader reads besides connections, storage and network rules. */
export const downloaderConfig = {
  /** Also any other address of a media file, not only posts of platforms. */
  ALLOW_GENERIC_URLS: z.stringbool().default(false),
  /** A URL that was fetched so long ago at most is not fetched again. */
  MEDIA_REUSE_HOURS: z.coerce.number().min(0).default(24),
  DOWNLOAD_MAX_MB: z.coerce.number().positive().default(500),
  DOWNLOAD_MAX_MINUTES: z.coerce.number().positive().default(120),
  /** Questions to one platform, of all processes together; in place of what the platforms' files say. */
  DOWNLOADS_PER_MINUTE: z.coerce.number().positive().optional(),
  /** Bytes a second of one download, as yt-dlp reads it: `2M`. */
  DOWNLOAD_LIMIT_RATE: z
    .string()
    .regex(/^\d+(?:\.\d+)?[KMG]?$/i, 'is a number of bytes a second, such as 500K or 2M')
    .optional(),
  /** The proxy to go out through, with its credentials. */
  DOWNLOAD_PROXY: z
    .url({ protocol: /^https?$/, error: 'is the address of an HTTP proxy' })
    .pipe(secret)
    .optional(),
  YTDLP_PATH: z.string().optional(),
  /** Where `npm run downloader -- update` keeps its own yt-dlp. */
  YTDLP_HOME: z.string().default('.data/yt-dlp'),
  /** In Netscape's form, of accounts that are signed in. */
  YTDLP_COOKIES_FILE: z.string().optional(),
  /** As yt-dlp's `--js-runtimes` takes it; this Node where nothing is said. */
  YTDLP_JS_RUNTIME: z.string().optional(),
  SCRATCH_DIR: z.string().default(join(tmpdir(), 'scriptorium-downloader')),
}
