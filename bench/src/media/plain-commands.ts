import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { ClipMaterial } from './clip-material.ts'

const run = promisify(execFile)
const FIT = "setpts=PTS-STARTPTS,scale='min(1280,iw)':'min(1280,ih)':force_original_aspect_ratio=decrease"
const QUIET = ['-nostdin', '-v', 'error', '-y']

/**
 * The same work as one writes it down at a shell: one command for each thing that is wanted, each at its best (streams
 * are copied, one seek for the picture). No limits, no lists of what may be read, nothing checked.
 */
export async function plainCommands(material: ClipMaterial, directory: string): Promise<void> {
  const { soundPath, videoPath, picture } = material.files
  const out = (name: string) => path.join(directory, name)
  const codec = material.soundCodec === 'copy' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k']
  await run('ffprobe', [
    '-v',
    'error',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    '-show_chapters',
    soundPath,
  ])
  await run('ffmpeg', [
    ...QUIET,
    '-i',
    soundPath,
    '-vn',
    ...codec,
    '-movflags',
    '+faststart',
    out('sound.m4a'),
  ])
  // How long the sound really is: headers lie.
  await run('ffmpeg', [
    ...QUIET,
    '-i',
    soundPath,
    '-vn',
    '-ac',
    '1',
    '-ar',
    '16000',
    '-f',
    's16le',
    '/dev/null',
  ])
  if (picture) {
    const seek = picture.isStill ? [] : ['-ss', '3']
    await run('ffmpeg', [
      ...QUIET,
      ...seek,
      '-i',
      picture.path,
      '-frames:v',
      '1',
      '-vf',
      FIT,
      '-q:v',
      '3',
      out('thumbnail.jpg'),
    ])
  }
  if (videoPath) {
    await run('ffmpeg', [
      ...QUIET,
      '-i',
      videoPath,
      '-i',
      soundPath,
      '-c',
      'copy',
      '-movflags',
      '+faststart',
      out('video.mp4'),
    ])
  }
}

/** All of it in one ffmpeg after one ffprobe, decoding no frame too many: as fast as it gets. */
export async function plainCommand(material: ClipMaterial, directory: string): Promise<void> {
  const { soundPath, videoPath, picture } = material.files
  const out = (name: string) => path.join(directory, name)
  const codec = material.soundCodec === 'copy' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k']
  await run('ffprobe', [
    '-v',
    'error',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    '-show_chapters',
    soundPath,
  ])
  const seek =
    picture && !picture.isStill
      ? ['-skip_frame', 'nokey', '-noaccurate_seek', '-ss', '3', '-t', '1', '-an']
      : []
  const inputs = [soundPath, ...(videoPath ? [videoPath] : [])].flatMap((file) => [
    '-threads',
    '1',
    '-i',
    file,
  ])
  const pictureInput = picture ? ['-threads', '1', ...seek, '-i', picture.path] : []
  const pictureAt = videoPath ? 2 : 1
  await run('ffmpeg', [
    ...[...QUIET, ...inputs, ...pictureInput],
    ...['-map', '0:a:0', '-ac', '1', '-ar', '16000', '-f', 's16le', '/dev/null'],
    ...['-map', '0:a:0', ...codec, '-movflags', '+faststart', out('sound.m4a')],
    ...(videoPath
      ? ['-map', '1:v:0', '-map', '0:a:0', '-c', 'copy', '-movflags', '+faststart', out('video.mp4')]
      : []),
    ...(picture
      ? ['-map', `${pictureAt}:v:0`, '-frames:v', '1', '-vf', FIT, '-q:v', '3', out('thumbnail.jpg')]
      : []),
  ])
}
