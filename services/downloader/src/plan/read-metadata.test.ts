import { expect, it } from 'vitest'
import { readMetadata } from './read-metadata.ts'

const read = (info: unknown) => readMetadata(JSON.stringify(info))
const format = { format_id: '0', url: 'https://cdn/0', ext: 'mp4', vcodec: 'avc1', acodec: 'mp4a' }

it('reads what is worth keeping of a post', () => {
  const metadata = read({
    ...{
      id: '675',
      title: ' Video by someone ',
      uploader: 'Someone',
      uploader_id: 'some.one',
      duration: 8.747,
    },
    ...{
      description: 'words',
      timestamp: 1_371_748_545,
      view_count: 7,
      like_count: null,
      comment_count: '3',
    },
    ...{ webpage_url: 'https://www.instagram.com/p/ABC/', extractor: 'Instagram', formats: [format] },
  })

  expect(metadata).toMatchObject({
    ...{
      id: '675',
      title: 'Video by someone',
      author: 'Someone',
      durationMs: 8_747,
      isLive: false,
      isDirect: false,
    },
    webpageUrl: 'https://www.instagram.com/p/ABC/',
  })
  expect(metadata?.info).toEqual({
    ...{ description: 'words', author_id: 'some.one', published_at: '2013-06-20T17:15:45.000Z' },
    ...{ view_count: 7, comment_count: 3, extractor: 'Instagram' },
  })
})

it('takes the first video of a gallery, with the names of the post', () => {
  const post = {
    _type: 'playlist',
    id: 'BQ0',
    title: 'Post by x',
    description: 'all',
    webpage_url: 'https://www.instagram.com/p/BQ0/',
  }
  const metadata = read({
    ...post,
    entries: [
      null,
      { id: '1', title: 'Video 1' },
      { id: '2', title: 'Video 2', uploader: 'x', formats: [format] },
    ],
  })

  expect(metadata).toMatchObject({ id: 'BQ0', title: 'Post by x', author: 'x', webpageUrl: post.webpage_url })
  expect(metadata?.formats).toHaveLength(1)
  expect(metadata?.info.description).toBe('all')
})

it('finds nothing in a gallery of pictures', () => {
  expect(read({ _type: 'playlist', id: 'p', entries: [] })).toBeUndefined()
})

it('lets no odd value of a platform get in the way', () => {
  const metadata = read({
    ...{ id: 5, title: 'a\u0000b\ud800', description: 'x'.repeat(9_000), duration: 'long', timestamp: 1e18 },
    ...{ thumbnails: 'none', formats: [{ ...format, format_id: 18, height: '360', has_drm: null }] },
  })

  expect(metadata).toMatchObject({
    id: '5',
    title: 'ab\ufffd',
    thumbnails: [],
    formats: [{ format_id: '18', height: 360 }],
  })
  expect(metadata?.durationMs).toBeUndefined()
  expect(metadata?.info.description).toHaveLength(5_000)
  expect(metadata?.info).not.toHaveProperty('published_at')
})

it('throws for what is no JSON of yt-dlp', () => {
  expect(() => readMetadata('null')).toThrow()
  expect(() => readMetadata('<html>')).toThrow()
  expect(() => readMetadata('{"formats": 3}')).toThrow()
})
