export { asError, FatalError, RetryLaterError } from './errors.ts'
