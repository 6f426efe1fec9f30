import { expect, it } from 'vitest'
import { contentTypeOf, planMediaType } from './media-type.ts'

it.each([
  ['mp3', false, '.mp3', 'audio/mpeg'],
  ['mov,mp4,m4a,3gp,3g2,mj2', false, '.mp4', 'audio/mp4'],
  ['mov,mp4,m4a,3gp,3g2,mj2', true, '-video.mp4', 'video/mp4'],
  ['matroska,webm', false, '.webm', 'audio/webm'],
  ['matroska,webm', true, '-video.webm', 'video/webm'],
  ['amr', false, '.bin', 'application/octet-stream'],
])('calls %s (video: %s) %s and %s, and serves it as that', (container, hasVideo, ending, contentType) => {
  expect(planMediaType({ container, hasVideo })).toEqual({ ending, contentType })
  expect(contentTypeOf(`media/a/b${ending}`)).toBe(contentType)
})

it.each([
  ['media/a/b.mp3', 'audio/mpeg'],
  ['media/a/b.jpg', 'image/jpeg'],
  ['media/a/b.mp4', 'audio/mp4'],
  ['media/a/b-video.mp4', 'video/mp4'],
  ['media/a/b', 'application/octet-stream'],
])('serves %s as %s', (objectKey, contentType) => {
  expect(contentTypeOf(objectKey)).toBe(contentType)
})
