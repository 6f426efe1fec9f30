import { expect, it } from 'vitest'
import { SNIFFED_BYTES, sniff } from './sniff.ts'

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')

it.each([
  ['<!DOCTYPE html><html><body>Please log in</body></html>', 'text', 'an HTML page'],
  ['\ufeff  \n<HTML>', 'text', 'an HTML page'],
  ['{"error":"Object not found"}', 'text', 'JSON'],
  ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'text', 'an XML document'],
  ['WEBVTT\n\n00:01.000 --> 00:02.000\nhi', 'text', 'a WebVTT subtitle file'],
  ['1\r\n00:00:01,000 --> 00:00:02,000\r\nhi', 'text', 'an SRT subtitle file'],
  ['Call me Ishmael.', 'text', 'plain text'],
  ['Ж', 'text', 'plain text'],
  ['#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname', 'playlist', 'an HLS or M3U playlist'],
  ['ffconcat version 1.0\nfile /etc/hostname', 'playlist', 'an ffmpeg concat script'],
  ["# mine\nfile '/etc/hostname'\n", 'playlist', 'an ffmpeg concat script'],
  ['[playlist]\nFile1=http://example.org/a.mp3', 'playlist', 'a PLS playlist'],
  ['<asx version="3.0">', 'playlist', 'an ASX playlist'],
  ['v=0\r\no=- 0 0 IN IP4 127.0.0.1', 'playlist', 'an SDP session description'],
  [
    '<?xml version="1.0"?>\n<!-- x --><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">',
    'playlist',
    'a DASH manifest',
  ],
  ['<?xml version="1.0"?><CompositionPlaylist>', 'playlist', 'an IMF playlist'],
  ['http://example.org/one.mp3\nhttp://example.org/two.mp3', 'playlist', 'a list of addresses'],
  ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', 'image', 'an SVG image'],
])('tells what the text %j is', (text, kind, what) => {
  expect(sniff(Buffer.from(text))).toEqual({ kind, what })
})

it.each([
  ['\xff\xd8\xff\xe0', 'a JPEG image'],
  ['\x89PNG\r\n\x1a\n\0', 'a PNG image'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'a WebP image'],
  ['\0\0\0\x18ftypheic', 'a HEIC image'],
  ['%PDF-1.7\n\x80', 'a PDF document'],
  ['PK\x03\x04\x14\0', 'a ZIP archive or an e-book'],
  ['\x7fELF\x02', 'a program'],
])('knows the signature %j', (magic, what) => {
  expect(sniff(bytes(magic))?.what).toBe(what)
})

it.each([
  ['an MP3 frame', '\xff\xfb\x90\x64\0\0\0'],
  ['an ID3 tag', 'ID3\x04\0\0\0\0\0\0'],
  ['a WAV', 'RIFF\x24\0\0\0WAVEfmt '],
  ['an MP4', '\0\0\0\x20ftypM4B \0\0\0\0'],
  ['noise', '\x01\x02\x9a\xfe\x11'],
  ['nothing', ''],
])('leaves %s to ffprobe', (_, content) => {
  expect(sniff(bytes(content))).toBeUndefined()
})

it('reads text whose last character is cut in half where reading stopped', () => {
  const text = Buffer.from(`${'x'.repeat(SNIFFED_BYTES - 1)}ж`).subarray(0, SNIFFED_BYTES)

  expect(sniff(text)?.what).toBe('plain text')
})
