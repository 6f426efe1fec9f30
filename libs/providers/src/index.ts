export { type AnswerCache, type CachedWork, createAnswerCache, noCache } from './answer-cache.ts'
export type { Answered, CallLimits, ProviderCall, ProviderCalls, Usage } from './calls.ts'
export { callsWithoutLimits } from './calls-without-limits.ts'
export { geminiClient, MOST_TIMEOUT_MS, openaiClient } from './clients.ts'
export { ProviderError, ProviderStoppedError } from './errors.ts'
export { ProviderAnswerError, type ProviderFailure } from './failure.ts'
export { type GeminiAnswer, geminiAnswerFailure, geminiFailure } from './failures/gemini-failure.ts'
export { type OpenaiAnswer, openaiAnswerFailure, openaiFailure } from './failures/openai-failure.ts'
export { type RevaiJob, revaiFailure, revaiJobFailure } from './failures/revai-failure.ts'
export { AnswerTooLargeError, limitedFetch } from './limited-fetch.ts'
export { measureProviders } from './measure-providers.ts'
export { checkModels } from './models/model-check.ts'
export { openProviders, type Providers } from './open-providers.ts'
export { costOf, isPriced } from './prices.ts'
export { createProviderCalls, type ProviderCallsOptions } from './provider-calls.ts'
export { createProviderMetrics, type ProviderMetrics } from './provider-metrics.ts'
export {
  configuredProviders,
  fingerprintOf,
  GEMINI_URL,
  OPENAI_URL,
  PROVIDERS,
  type ProviderName,
  type ProviderSetup,
  type ProvidersConfig,
  type ProviderUse,
  providersConfig,
  REVAI_URL,
  setupOf,
} from './providers-config.ts'
export { redacted, redactedError } from './redact.ts'
export {
  parseRevaiTag,
  REVAI_WEBHOOK_PATH,
  RevaiSubmission,
  type RevaiTag,
  revaiTag,
  revaiWebhookConfig,
  revaiWebhookToken,
  submittedStep,
} from './revai-webhook.ts'
