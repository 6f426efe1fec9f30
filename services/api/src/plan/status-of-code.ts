/** Every refusal's HTTP status, by its code. A code that is not here is a fault of ours: 500. */
const STATUS_OF_CODE = {
  'bad-request': 400,
  'malformed-json': 400,
  'malformed-multipart': 400,
  'upload-interrupted': 400,

  'token-missing': 401,
  'token-invalid': 401,
  'token-expired': 401,
  'ticket-invalid': 401,
  'api-key-invalid': 401,
  'api-key-expired': 401,
  'api-key-revoked': 401,

  'admin-only': 403,
  'service-only': 403,
  'users-only': 403,
  'not-yours': 403,
  'signature-invalid': 403,
  'scope-missing': 403,

  'not-found': 404,
  'upload-not-found': 404,
  'audiobook-not-found': 404,
  'chapter-not-found': 404,
  'transcript-not-found': 404,
  'translation-not-found': 404,
  'job-not-found': 404,
  'object-not-found': 404,
  'queue-not-found': 404,
  'dead-letter-not-found': 404,
  'redrive-not-found': 404,
  'api-key-not-found': 404,
  'webhook-not-found': 404,
  'delivery-not-found': 404,

  'method-not-allowed': 405,

  'upload-stalled': 408,

  'upload-completed': 409,
  'upload-empty': 409,
  'upload-unfinished': 409,
  'upload-in-use': 409,
  'upload-already-used': 409,
  'position-taken': 409,
  'job-wrong-state': 409,
  'job-duplicate': 409,
  'job-fence-lost': 409,
  'queue-paused': 409,
  'dead-letter-resolved': 409,
  'redrive-ended': 409,
  'idempotency-key-in-use': 409,
  'webhook-disabled': 409,
  'webhook-is-callback': 409,
  'webhooks-too-many': 409,
  'delivery-under-way': 409,

  'body-too-large': 413,
  'file-too-large': 413,
  'upload-too-large': 413,

  'unsupported-media-type': 415,

  'range-not-satisfiable': 416,

  'invalid-body': 422,
  'invalid-query': 422,
  'invalid-header': 422,
  'same-language': 422,
  'idempotency-key-reused': 422,
  url_forbidden: 422,
  url_unsupported: 422,

  'too-many-streams': 429,
  'rate-limited': 429,
  over_budget: 429,

  'auth-unavailable': 503,
  'database-unavailable': 503,
  'storage-unavailable': 503,
  'search-unavailable': 503,
  'shutting-down': 503,
  'upload-expired': 503,

  'job-not-ended': 504,

  'disk-full': 507,
} as const

export type RefusalCode = keyof typeof STATUS_OF_CODE
export type RefusalStatus = (typeof STATUS_OF_CODE)[RefusalCode]

export function statusOfCode(code: string): RefusalStatus | undefined {
  return Object.hasOwn(STATUS_OF_CODE, code) ? STATUS_OF_CODE[code as RefusalCode] : undefined
}
