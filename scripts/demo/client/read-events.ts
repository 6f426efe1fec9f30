/** One event of a Server-Sent Events stream. */
export interface SseMessage {
  /** Of this event, or of the last that had one. */
  id: string | undefined
  name: string
  data: string
}

/** Longer than any event of ours: what grows beyond it is no event stream. */
const MOST_CHARACTERS = 64 * 1024 * 1024

/** Reads https://html.spec.whatwg.org/multipage/server-sent-events.html, wherever the network cuts it. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SseMessage> {
  const parser = createSseParser()
  for await (const text of body.pipeThrough(new TextDecoderStream())) yield* parser(text)
}

/** Takes a stream's text piece by piece and answers the events that each completes. */
export function createSseParser(): (text: string) => SseMessage[] {
  let rest = ''
  let id: string | undefined
  return (text) => {
    // A CR at the end may be half of a CRLF: it waits for what follows.
    const [whole = '', held = ''] = splitHeld(rest + text)
    const blocks = whole.replaceAll(/\r\n?/g, '\n').split('\n\n')
    rest = (blocks.pop() ?? '') + held
    if (rest.length > MOST_CHARACTERS) throw new Error('an event is longer than an event may be')
    return blocks.flatMap((block) => {
      const message = parseBlock(block, id)
      id = message.id
      return message.data === '' ? [] : [message]
    })
  }
}

function splitHeld(text: string): [string, string] {
  return text.endsWith('\r') ? [text.slice(0, -1), '\r'] : [text, '']
}

function parseBlock(block: string, lastId: string | undefined): SseMessage {
  const message: SseMessage = { id: lastId, name: 'message', data: '' }
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'data') data.push(value)
    if (field === 'event') message.name = value
    if (field === 'id') message.id = value
  }
  return { ...message, data: data.join('\n') }
}
