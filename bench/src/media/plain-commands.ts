import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { ClipMaterial } from './clip-material.ts'

const run = promisify(execFile)
const FIT = "setpts=PTS-STARTPTS,scale='min(1280,iw)':'min(1280,ih)':force_original_aspect_ratio=decrease"
const QUIET = ['-nostdin', '-v', 'error', '-y']
const ONE_FRAME = ['-frames:v', '1', '-vf', FIT, '-q:v', '3']
/** How long the sound really is: headers lie. */
const MEASURED = ['-ac', '1', '-ar', '16000', '-f', 's16le', '/dev/null']
const PLAYABLE = ['-movflags', '+faststart']

/**
 * The same work as one writes it down at a shell: one command for each thing that is wanted, each at its best (streams
 * are copied, one seek for the picture). No limits, no lists of what may be read, nothing checked.
 */
export async function plainCommands(material: ClipMaterial, directory: string): Promise<void> {
  const { soundPath, videoPath, picture } = material.files
  const out = outputs(directory)
  await probe(soundPath)
  await run('ffmpeg', [...QUIET, '-i', soundPath, '-vn', ...codecOf(material), ...PLAYABLE, out.sound])
  await run('ffmpeg', [...QUIET, '-i', soundPath, '-vn', ...MEASURED])
  if (picture) {
    const seek = picture.isStill ? [] : ['-ss', '3']
    await run('ffmpeg', [...QUIET, ...seek, '-i', picture.path, ...ONE_FRAME, out.thumbnail])
  }
  if (!videoPath) return
  await run('ffmpeg', [...QUIET, '-i', videoPath, '-i', soundPath, '-c', 'copy', ...PLAYABLE, out.video])
}

/** All of it in one ffmpeg after one ffprobe, decoding no frame too many: as fast as it gets. */
export async function plainCommand(material: ClipMaterial, directory: string): Promise<void> {
  const { soundPath, videoPath, picture } = material.files
  const out = outputs(directory)
  await probe(soundPath)
  const seek = ['-skip_frame', 'nokey', '-noaccurate_seek', '-ss', '3', '-t', '1', '-an']
  const inputs = [soundPath, ...(videoPath ? [videoPath] : [])].flatMap((file) => input(file))
  const pictureInput = picture ? input(picture.path, picture.isStill ? [] : seek) : []
  const pictureStream = `${videoPath ? 2 : 1}:v:0`
  const video = ['-map', '1:v:0', '-map', '0:a:0', '-c', 'copy', ...PLAYABLE, out.video]
  await run('ffmpeg', [
    ...[...QUIET, ...inputs, ...pictureInput],
    ...['-map', '0:a:0', ...MEASURED],
    ...['-map', '0:a:0', ...codecOf(material), ...PLAYABLE, out.sound],
    ...(videoPath ? video : []),
    ...(picture ? ['-map', pictureStream, ...ONE_FRAME, out.thumbnail] : []),
  ])
}

function input(file: string, seek: readonly string[] = []): string[] {
  return ['-threads', '1', ...seek, '-i', file]
}

function probe(file: string) {
  const wanted = ['-show_format', '-show_streams', '-show_chapters']
  return run('ffprobe', ['-v', 'error', '-of', 'json', ...wanted, file])
}

function codecOf({ soundCodec }: ClipMaterial): string[] {
  return soundCodec === 'copy' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k']
}

function outputs(directory: string) {
  const out = (name: string) => path.join(directory, name)
  return { sound: out('sound.m4a'), thumbnail: out('thumbnail.jpg'), video: out('video.mp4') }
}
