import { toneWav } from './wav.ts'

const SECOND_BYTES = 16_000

/** A form with a recording of so many seconds, made while it is sent: it is never in memory whole. */
export function longWavForm(seconds: number): {
  contentType: string
  length: number
  body: AsyncIterable<Buffer>
} {
  const head = Buffer.from(
    '--form\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\nContent-Type: audio/wav\r\n\r\n',
  )
  const tail = Buffer.from('\r\n--form--\r\n')
  const second = toneWav({ seconds: 1 }).subarray(44)
  const header = toneWav({ seconds: 0 })
  header.writeUInt32LE(36 + seconds * SECOND_BYTES, 4)
  header.writeUInt32LE(seconds * SECOND_BYTES, 40)
  return {
    contentType: 'multipart/form-data; boundary=form',
    length: head.length + header.length + seconds * SECOND_BYTES + tail.length,
    body: (async function* parts() {
      yield head
      yield header
      const minute = Buffer.concat(Array.from({ length: 60 }, () => second))
      for (let left = seconds; left > 0; left -= 60)
        yield left >= 60 ? minute : minute.subarray(0, left * SECOND_BYTES)
      yield tail
    })(),
  }
}
