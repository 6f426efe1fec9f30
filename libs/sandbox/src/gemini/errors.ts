import type { Answer } from '../server/wire.ts'

type Status = 'INVALID_ARGUMENT' | 'FAILED_PRECONDITION' | 'PERMISSION_DENIED' | 'NOT_FOUND' | 'INTERNAL'

/** An error as Google writes one. */
export function geminiError(code: number, status: Status, message: string, details?: unknown[]): Answer {
  return { status: code, body: { error: { code, message, status, ...(details ? { details } : {}) } } }
}

export function invalidArgument(message: string): Answer {
  return geminiError(400, 'INVALID_ARGUMENT', message)
}

export function noSuchModel(model: string, version: string, method: string): Answer {
  const message = `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`
  return geminiError(404, 'NOT_FOUND', message)
}

/** A wrong key is 400 here, a missing one 403. */
export function refusedKey(given: string | undefined, key: string): Answer | undefined {
  if (given === key) return undefined
  if (!given) {
    const message =
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."
    return geminiError(403, 'PERMISSION_DENIED', message)
  }
  return geminiError(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
    },
  ])
}
