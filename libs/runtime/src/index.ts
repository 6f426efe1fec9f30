export { createBatches } from './batches.ts'
export { ConfigError, type ConfigProblem, type Env, loadConfig } from './config.ts'
export { asDiskFull, diskFullError, type Reservation, saysDiskFull } from './disk-space.ts'
export {
  type DescribedError,
  describeError,
  errorClass,
  errorCode,
  errorMessage,
  fingerprint,
} from './error-report.ts'
export { asError, FatalError, PutOffError, RetryLaterError } from './errors.ts'
export {
  checkHealth,
  type Health,
  type HealthCheck,
  type HealthChecks,
  type HealthNote,
  type HealthServer,
  healthResponse,
  healthServer,
} from './health.ts'
export { http } from './http.ts'
export { type FailedRun, judge, type RetryPolicy, type Verdict } from './judge.ts'
export { loadSdk } from './load-sdk.ts'
export { createLogger, type Logger, logLevel } from './log.ts'
export { type Counter, createMetrics, type Exposition, type Histogram, type Metrics } from './metrics.ts'
export type { ProcessEvents } from './process-events.ts'
export { repeating } from './repeating.ts'
export { type ScratchDirectory, scratchDirectory } from './scratch-directory.ts'
export { Secret, secret } from './secret.ts'
export { type Part, type PartControl, runService, type Service, type ServiceOptions } from './service.ts'
export { abortableDelay, TimeoutError, withTimeout } from './time.ts'
export { createWaker, type Waker } from './waker.ts'
export { wholeNumber } from './whole-number.ts'
