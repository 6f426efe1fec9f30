export { type DetectedPlatform, detectPlatform, platformOf } from './detect-platform.ts'
export {
  definePlatform,
  type Fetcher,
  hostOf,
  idIn,
  isOneOf,
  type Platform,
  type PlatformDefinition,
  type PlatformOptions,
  type Post,
} from './platform.ts'
export { PLATFORMS, platformsFor } from './registry.ts'
