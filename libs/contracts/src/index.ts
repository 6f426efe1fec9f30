export * from './clip-events.ts'
export * from './clip-failures.ts'
export * from './define-job.ts'
export * from './events.ts'
export * from './http/api-keys.ts'
export * from './http/audiobooks.ts'
export * from './http/book-texts.ts'
export * from './http/clips.ts'
export * from './http/dead-letters.ts'
export * from './http/errors.ts'
export * from './http/jobs.ts'
export * from './http/paging.ts'
export * from './http/providers.ts'
export * from './http/queues.ts'
export * from './http/search.ts'
export * from './http/uploads.ts'
export * from './http/webhook-endpoints.ts'
export * from './http/webhooks.ts'
export * from './jobs.ts'
export * from './language.ts'
export * from './language-answers.ts'
export { locateQuote, type QuotePlace } from './quote.ts'
export * from './speech-providers.ts'
export * from './states.ts'
export { storableText } from './storable-text.ts'
export * from './ticket.ts'
export { timedPieces } from './timed-pieces.ts'
export { tokensAbout, tokensAtMost } from './tokens.ts'
export * from './transcript.ts'
export { comparableWords, wordErrorRate } from './word-error-rate.ts'
export {
  countWords,
  isUnspaced,
  joinPieces,
  joinTexts,
  joinWords,
  type Piece,
  piecesOf,
  searchableText,
  searchWordsIn,
  spaceBetween,
  wordsWithin,
  writtenWords,
} from './word-pieces.ts'
