import path from 'node:path'
import { type ClipFiles, runTool } from '@app/media'

/** What a download leaves, as platforms serve it. */
export interface ClipMaterial {
  title: string
  files: ClipFiles
  /** Of the sound's file, as ffmpeg names it. */
  soundCodec: 'copy' | 'aac'
}

const TIMEOUT_MS = 10 * 60_000
/** Upright, as short videos are, and never the same picture twice. */
const picture = (seconds: number) => ['-f', 'lavfi', '-i', `testsrc2=s=720x1280:r=30:d=${seconds}`]
const sound = (seconds: number) => ['-f', 'lavfi', '-i', `anoisesrc=c=pink:r=44100:d=${seconds}:a=0.3`]
/** A keyframe every two seconds, as platforms encode. */
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p']
const AAC = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2']

/** Makes clips to be measured, of a minute where `scale` is 1; only those whose title contains `only`. */
export async function clipMaterial(
  directory: string,
  { scale, only }: { scale: number; only: string },
): Promise<ClipMaterial[]> {
  const seconds = Math.max(4, Math.round(60 * scale))
  const make = async (name: string, ...args: string[]) => {
    const target = path.join(directory, name)
    const quiet = ['-nostdin', '-v', 'error']
    await runTool({ command: 'ffmpeg', args: [...quiet, ...args, '-y', target], timeoutMs: TIMEOUT_MS })
    return target
  }
  const reel = () => make('reel.mp4', ...picture(seconds), ...sound(seconds), ...H264, ...AAC, '-shortest')
  const apart = () => make('apart.m4a', ...sound(seconds), ...AAC)
  const clips: [title: string, make: () => Promise<Omit<ClipMaterial, 'title'>>][] = [
    [
      'a reel in one file',
      async () => {
        const soundPath = await reel()
        return { files: { soundPath, picture: { path: soundPath, isStill: false } }, soundCodec: 'copy' }
      },
    ],
    [
      'sound, and the platform’s picture',
      async () => {
        const still = await make('still.jpg', ...picture(1), '-frames:v', '1')
        return {
          files: { soundPath: await apart(), picture: { path: still, isStill: true } },
          soundCodec: 'copy',
        }
      },
    ],
    [
      'sound and video apart, joined and kept',
      async () => {
        const video = await make('video.mp4', ...picture(seconds), ...H264)
        const files = { soundPath: await apart(), videoPath: video, picture: { path: video, isStill: false } }
        return { files, soundCodec: 'copy' }
      },
    ],
    [
      'sound that must be encoded',
      async () => ({
        files: { soundPath: await make('long.wav', ...sound(5 * seconds)) },
        soundCodec: 'aac',
      }),
    ],
  ]
  const made: ClipMaterial[] = []
  for (const [title, makeClip] of clips) {
    if (title.includes(only)) made.push({ title, ...(await makeClip()) })
  }
  return made
}
