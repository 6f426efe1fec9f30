export type { GeminiModel } from './gemini/models.ts'
export { hearByPocketSphinx } from './hearing/hear-by-pocketsphinx.ts'
export type { Hear, Heard, Sound } from './hearing/heard.ts'
export { hearKnown, type KnownSpeech, spreadWords } from './hearing/known-speech.ts'
export type { OpenaiModel } from './openai/models.ts'
export type { RevaiFailure } from './revai/jobs.ts'
export type { RevaiControl } from './revai/revai-api.ts'
export type { Notification } from './revai/webhook.ts'
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts'
export { answerOfCase, type Planned, type PlannedAnswer } from './server/faults.ts'
export type { RecordedRequest } from './server/records.ts'
export type { Answer, Ask, Provider, RouteName } from './server/wire.ts'
export { SITE_FAILURES, type SiteFailure } from './sites/failures.ts'
export type { SiteFile } from './sites/files.ts'
export { hasYtdlp } from './sites/has-ytdlp.ts'
export type { Recording } from './sites/recording.ts'
export {
  type PlannedFile,
  type SiteRequest,
  type Sites,
  type SitesOptions,
  startSites,
} from './sites/sites.ts'
export { type Exchange, specifications } from './specs/specifications.ts'
