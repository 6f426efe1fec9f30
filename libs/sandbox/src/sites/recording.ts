import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runTool, speak } from '@app/media'

/** What every clip of the pretended platforms says, unless a test wants something else: four seconds. */
export const SAID = 'It was the best of times, it was the worst of times.'

/** A short vertical video with somebody speaking, in the shapes in which platforms hand one out. */
export interface Recording {
  /** H.264 and AAC in one MP4. */
  video: Buffer
  /** Its picture alone, and its sound alone, as YouTube keeps them. */
  picture: Buffer
  sound: Buffer
  /** A frame of it, JPEG. */
  thumbnail: Buffer
  durationMs: number
  width: number
  height: number
}

const [WIDTH, HEIGHT, FPS] = [270, 480, 15]
const TIMEOUT_MS = 120_000
/** One thread, as everything of ours; colour bars with a running counter, so that no two frames are the same. */
const PICTURE = ['-threads', '1', '-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FPS}`]
const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-threads', '1']
const AAC = ['-c:a', 'aac', '-b:a', '64k']
const MP4 = ['-movflags', '+faststart']

/** Makes one in `directory`; needs an ffmpeg that has flite. */
export async function makeRecording(directory: string, says = SAID): Promise<Recording> {
  const read = (name: string) => readFile(path.join(directory, name))
  await speak(says, { outPath: path.join(directory, 'voice.wav') })
  const durationMs = durationOf(await read('voice.wav'))
  await ffmpeg(directory, [
    ...['-i', 'voice.wav', ...PICTURE, '-t', String(durationMs / 1000), '-map', '1:v', '-map', '0:a'],
    ...[...H264, ...AAC, ...MP4, 'video.mp4'],
  ])
  const picture = ['-map', '0:v', '-c', 'copy', ...MP4, 'picture.mp4']
  const sound = ['-map', '0:a', '-c', 'copy', 'sound.m4a']
  const thumbnail = ['-map', '0:v', '-frames:v', '1', 'thumbnail.jpg']
  await ffmpeg(directory, ['-i', 'video.mp4', ...picture, ...sound, ...thumbnail])
  return {
    video: await read('video.mp4'),
    picture: await read('picture.mp4'),
    sound: await read('sound.m4a'),
    thumbnail: await read('thumbnail.jpg'),
    ...{ durationMs, width: WIDTH, height: HEIGHT },
  }
}

async function ffmpeg(cwd: string, args: readonly string[]): Promise<void> {
  await runTool({
    ...{ command: 'ffmpeg', args: ['-nostdin', '-v', 'error', '-y', ...args] },
    ...{ cwd, timeoutMs: TIMEOUT_MS },
  })
}

/** Of a WAV, by the byte rate in its header; flite's has nothing behind its samples. */
function durationOf(wav: Buffer): number {
  return Math.round((1000 * (wav.length - 44)) / wav.readUInt32LE(28))
}
