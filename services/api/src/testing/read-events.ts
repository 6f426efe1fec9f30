import type { AudiobookJobs } from '@app/contracts'

export interface ReceivedEvent<Data = AudiobookJobs> {
  name: string
  id: string
  data: Data
}

/** Reads a stream of events like a browser does; comments are skipped. `next` is undefined once the stream has ended. */
export function readEvents<Data = AudiobookJobs>(
  response: Response,
): {
  next(): Promise<ReceivedEvent<Data> | undefined>
  close(): Promise<void>
} {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end >= 0) {
          const event = parse<Data>(text.slice(0, end))
          text = text.slice(end + 2)
          if (event) return event
          continue
        }
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done) return undefined
        text += value
      }
    },
    close: async () => await reader?.cancel(),
  }
}

function parse<Data>(block: string): ReceivedEvent<Data> | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  const [name, id, data] = [field('event'), field('id'), field('data')]
  if (name === undefined || id === undefined || data === undefined) return undefined
  return { name, id, data: JSON.parse(data) }
}
