import { describe, expect, it } from 'vitest'
import { storedProbe } from './find-sound.ts'

const sound = { index: 1, kind: 'audio', codec: 'aac', channels: 2, channelLayout: 'stereo' }
const picture = { index: 0, kind: 'video', width: 64 }

describe('what was stored of a file', () => {
  it('is known again', () => {
    const needed = { container: 'mp4', headerDurationMs: 5000, audioStreamIndex: 1 }
    const probe = { ...needed, bytes: 9, streams: [picture, sound] }

    expect(storedProbe(JSON.parse(JSON.stringify({ probe, decodedMs: 4990, soundEndMs: 4995 })))).toEqual({
      ...{ ...needed, streams: [{ index: 0, kind: 'video' }, sound], soundEndMs: 4995 },
    })
  })

  it.each([
    ['nothing', null],
    ['no probe', { decodedMs: 4990 }],
    ['no streams', { probe: { audioStreamIndex: 1 } }],
    ['no choice of a stream', { probe: { streams: [sound] } }],
    ['another stream than the chosen one', { probe: { streams: [picture], audioStreamIndex: 1 } }],
    [
      'no number of channels',
      { probe: { streams: [{ ...sound, channels: undefined }], audioStreamIndex: 1 } },
    ],
  ])('is not enough where it says %s', (_, inspection) => {
    expect(storedProbe(inspection)).toBeUndefined()
  })
})
