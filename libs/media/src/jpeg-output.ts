import { fileUrl } from './ffmpeg-args.ts'

/**
 * Output options for one frame as a JPEG of at most so many pixels a side. Decoded and encoded anew, never copied: what
 * browsers get is a picture, whatever was in the file.
 */
export function jpegOutput(outPath: string, maxPx: number): string[] {
  // A keyframe before the moment that was sought has a negative time, for which it would be dropped.
  const fit = `setpts=PTS-STARTPTS,scale='min(${maxPx},iw)':'min(${maxPx},ih)':force_original_aspect_ratio=decrease`
  return [
    ...[
      '-frames:v',
      '1',
      '-vf',
      `${fit},format=yuvj420p`,
      '-map_metadata',
      '-1',
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
    ],
    // image2 takes "%" in a name for a frame number; image2pipe writes to the name as it is.
    ...['-f', 'image2pipe', '-y', fileUrl(outPath)],
  ]
}
