import type { Platform } from './platform.ts'
import { facebook } from './platforms/facebook.ts'
import { generic } from './platforms/generic.ts'
import { instagram } from './platforms/instagram.ts'
import { tiktok } from './platforms/tiktok.ts'
import { x } from './platforms/x.ts'
import { youtube } from './platforms/youtube.ts'

/** Every platform, one line each. */
export const PLATFORMS: readonly Platform[] = [
  instagram, //
  tiktok,
  youtube,
  facebook,
  x,
]

/** The platforms, and where it is allowed any other address of a media file (`ALLOW_GENERIC_URLS`). */
export function platformsFor({ allowGenericUrls }: { allowGenericUrls: boolean }): readonly Platform[] {
  return allowGenericUrls ? [...PLATFORMS, generic] : PLATFORMS
}
