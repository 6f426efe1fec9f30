/** No answer we ask for comes near this; 100 embeddings of 3,072 numbers are 4 MB. */
export const MOST_ANSWER_BYTES = 64 * 1024 ** 2

/** What a provider sent was larger than anything we ask for. */
export class AnswerTooLargeError extends Error {
  readonly code = 'provider-answer-too-large'

  constructor(mostBytes: number) {
    super(`the answer is larger than ${mostBytes} bytes`)
    this.name = 'AnswerTooLargeError'
  }
}

/**
 * Node's fetch, for the SDKs: answers end in an error past `mostBytes`, and a redirect is an answer instead of a new
 * request that carries our key to whoever is named in it.
 */
export function limitedFetch(mostBytes = MOST_ANSWER_BYTES): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' })
    if (Number(response.headers.get('content-length')) > mostBytes) {
      await response.body?.cancel()
      throw new AnswerTooLargeError(mostBytes)
    }
    if (!response.body) return response
    const { status, statusText, headers } = response
    return new Response(response.body.pipeThrough(counting(mostBytes)), { status, statusText, headers })
  }
}

function counting(mostBytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > mostBytes) controller.error(new AnswerTooLargeError(mostBytes))
      else controller.enqueue(chunk)
    },
  })
}
