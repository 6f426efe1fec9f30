import { describe, expect, it } from 'vitest'
import { detectPlatform } from './detect-platform.ts'
import { definePlatform } from './platform.ts'
import { PLATFORMS, platformsFor } from './registry.ts'

const INSTAGRAM = (id: string) => ['instagram', id, `https://www.instagram.com/p/${id}/`]
const TIKTOK = (id: string) => ['tiktok', id, `https://www.tiktok.com/@_/video/${id}`]
const YOUTUBE = (id: string) => ['youtube', id, `https://www.youtube.com/watch?v=${id}`]
const FACEBOOK = (id: string) => ['facebook', id, `https://www.facebook.com/watch/?v=${id}`]
const FACEBOOK_POST = (id: string, place: string) => [
  'facebook',
  id,
  `https://www.facebook.com/${place}/posts/${id}`,
]
const X = (id: string, which = '') => ['x', id, `https://x.com/i/status/${id}${which}`]
const SHORT = (platform: string) => [platform, undefined, undefined]

describe('detectPlatform', () => {
  it.each([
    ['https://www.instagram.com/reel/ABC123xyz/', INSTAGRAM('ABC123xyz')],
    ['https://instagram.com/p/aye83DjauH/?foo=bar#abc', INSTAGRAM('aye83DjauH')],
    ['https://www.instagram.com/p/BQ0eAlwhDrw/?img_index=2', INSTAGRAM('BQ0eAlwhDrw')],
    ['https://www.instagram.com/reels/Cop84x6u7CP/', INSTAGRAM('Cop84x6u7CP')],
    ['https://www.instagram.com/reel/Chunk8-jurw/?igsh=MzRlODBiNWFlZA==', INSTAGRAM('Chunk8-jurw')],
    ['https://www.instagram.com/tv/BkfuX9UB-eK/', INSTAGRAM('BkfuX9UB-eK')],
    ['https://www.instagram.com/marvelskies.fc/reel/CWqAgUZgCku/', INSTAGRAM('CWqAgUZgCku')],
    ['http://instagram.com/p/9o6LshA7zy/embed/', INSTAGRAM('9o6LshA7zy')],
    ['https://www.instagram.com/p/9o6LshA7zy/embed/captioned/', INSTAGRAM('9o6LshA7zy')],
    ['https://m.instagram.com/p/-Cmh1cukG2', INSTAGRAM('-Cmh1cukG2')],
    ['https://instagr.am/p/-Cmh1cukG2/', INSTAGRAM('-Cmh1cukG2')],
    ['https://www.ddinstagram.com/reel/CDUMkliABpa/', INSTAGRAM('CDUMkliABpa')],
    ['https://WWW.Instagram.com./reel/CDUMkliABpa/', INSTAGRAM('CDUMkliABpa')],
    [
      'https://www.instagram.com/stories/fruits_zipper/3570766765028588805/?utm_source=ig_story_item_share',
      [
        'instagram',
        '3570766765028588805',
        'https://www.instagram.com/stories/fruits_zipper/3570766765028588805/',
      ],
    ],
    ['https://www.instagram.com/share/reel/BAJ5vFmBzR', SHORT('instagram')],
    ['https://www.instagram.com/share/p/_kWuQ8Xnz/', SHORT('instagram')],
    ['https://www.instagram.com/share/BAJ5vFmBzR', SHORT('instagram')],
    ['https://www.tiktok.com/@leenabhushan/video/6748451240264420610', TIKTOK('6748451240264420610')],
    [
      'https://www.tiktok.com/@patroxofficial/video/6742501081818877190?langCountry=en&is_from_webapp=1',
      TIKTOK('6742501081818877190'),
    ],
    ['https://m.tiktok.com/v/6742501081818877190.html?u_code=0', TIKTOK('6742501081818877190')],
    ['https://www.tiktok.com/@/video/7668090902816017671/', TIKTOK('7668090902816017671')],
    ['https://www.tiktok.com/@someone/photo/7404999999999999999', TIKTOK('7404999999999999999')],
    ['https://www.tiktokv.com/share/video/7668090902816017671/', TIKTOK('7668090902816017671')],
    ['https://www.tiktok.com/embed/v2/7206382937372134662', TIKTOK('7206382937372134662')],
    ['https://www.tiktok.com/embed/7206382937372134662', TIKTOK('7206382937372134662')],
    ['https://www.tiktok.com/player/v1/7206382937372134662?music_info=1', TIKTOK('7206382937372134662')],
    ['https://www.tiktok.com/t/ZTRC5xgJp', SHORT('tiktok')],
    ['https://vm.tiktok.com/ZTR45GpSF/', SHORT('tiktok')],
    ['https://vt.tiktok.com/ZSe4FqkKd', SHORT('tiktok')],
    ['https://www.youtube.com/watch?v=YE7VzlLtp-4&t=1s&end=9', YOUTUBE('YE7VzlLtp-4')],
    ['https://www.youtube.com/watch?list=PL1&v=a9LDPn-MO4I&index=3', YOUTUBE('a9LDPn-MO4I')],
    ['https://m.youtube.com/watch?v=a9LDPn-MO4I&feature=youtu.be', YOUTUBE('a9LDPn-MO4I')],
    ['https://music.youtube.com/watch?v=MgNrAu2pzNs', YOUTUBE('MgNrAu2pzNs')],
    ['https://www.youtubekids.com/watch?v=3b8nCWDgZ6Q', YOUTUBE('3b8nCWDgZ6Q')],
    ['https://www.youtube.com/watch_popup?v=63RmMXCd_bQ', YOUTUBE('63RmMXCd_bQ')],
    ['https://youtube.com/shorts/SZJvDhaSDnc?si=abcdef', YOUTUBE('SZJvDhaSDnc')],
    ['https://www.youtube.com/live/qVv6vCqciTM', YOUTUBE('qVv6vCqciTM')],
    ['https://www.youtube.com/embed/CsmdDsKjzN8?autoplay=1', YOUTUBE('CsmdDsKjzN8')],
    ['https://www.youtube-nocookie.com/embed/CsmdDsKjzN8', YOUTUBE('CsmdDsKjzN8')],
    ['https://www.youtube.com/v/CsmdDsKjzN8&hl=en', YOUTUBE('CsmdDsKjzN8')],
    ['https://youtu.be/YE7VzlLtp-4?si=tracking', YOUTUBE('YE7VzlLtp-4')],
    [
      'https://www.youtube.com/attribution_link?a=8g8kPrPIi-ec&u=/watch%3Fv%3DyZIXLfi8CZQ%26feature%3Dshare',
      YOUTUBE('yZIXLfi8CZQ'),
    ],
    ['https://www.facebook.com/radiokicksfm/videos/3676516585958356/', FACEBOOK('3676516585958356')],
    [
      'https://www.facebook.com/ChristyClarkForBC/videos/vb.22819070941/10153870694020942/?type=2&theater',
      FACEBOOK('10153870694020942'),
    ],
    ['https://www.facebook.com/someone/videos/a-caption/1234567890/', FACEBOOK('1234567890')],
    ['https://www.facebook.com/video.php?v=637842556329505&fref=nf', FACEBOOK('637842556329505')],
    ['https://www.facebook.com/watch/?v=647537299265662&mibextid=x', FACEBOOK('647537299265662')],
    ['https://www.facebook.com/watch/live/?v=1823658634322275', FACEBOOK('1823658634322275')],
    ['https://www.facebook.com/reel/1195289147628387', FACEBOOK('1195289147628387')],
    ['https://m.facebook.com/watch/?v=1195289147628387&_rdr', FACEBOOK('1195289147628387')],
    ['https://web.facebook.com/reel/1195289147628387', FACEBOOK('1195289147628387')],
    ['https://zh-hk.facebook.com/peoplespower/videos/1135894589806027/', FACEBOOK('1135894589806027')],
    [
      'https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fgov.sg%2Fvideos%2F10154383743583686%2F&show_text=0&width=560',
      FACEBOOK('10154383743583686'),
    ],
    [
      'https://m.facebook.com/story.php?story_fbid=1035862816472149&id=116132035111903',
      FACEBOOK_POST('1035862816472149', '116132035111903'),
    ],
    [
      'https://www.facebook.com/permalink.php?story_fbid=pfbid0fqQuVEQyXRa9&id=100068861234290',
      FACEBOOK_POST('pfbid0fqQuVEQyXRa9', '100068861234290'),
    ],
    [
      'https://www.facebook.com/maxlayn/posts/10153807558977570',
      FACEBOOK_POST('10153807558977570', 'maxlayn'),
    ],
    [
      'https://www.facebook.com/groups/1024490957622648/permalink/1396382447100162/',
      FACEBOOK_POST('1396382447100162', 'groups/1024490957622648'),
    ],
    [
      'https://www.facebook.com/groups/1513990329015294/posts/d41d8cd9/2013209885760000/?app=fbl',
      FACEBOOK_POST('2013209885760000', 'groups/1513990329015294'),
    ],
    ['https://fb.watch/aBc-123_x/', SHORT('facebook')],
    ['https://www.facebook.com/share/v/16Hp4ViJcN/', SHORT('facebook')],
    ['https://www.facebook.com/share/r/16Hp4ViJcN/?mibextid=wwXIfr', SHORT('facebook')],
    ['https://x.com/historyinmemes/status/1790637656616943991', X('1790637656616943991')],
    ['https://twitter.com/BrooklynNets/status/1349794411333394432?s=20&t=abc', X('1349794411333394432')],
    ['https://mobile.twitter.com/OPP_HSD/status/779210622571536384', X('779210622571536384')],
    ['https://twitter.com/i/web/status/910031516746514432', X('910031516746514432')],
    ['https://x.com/i/status/910031516746514432', X('910031516746514432')],
    ['https://twitter.com/giphz/status/657991469417025536/photo/1', X('657991469417025536')],
    ['https://twitter.com/CTVJLaidlaw/status/1600649710662213632/video/1', X('1600649710662213632')],
    [
      'https://twitter.com/CTVJLaidlaw/status/1600649710662213632/video/2',
      X('1600649710662213632', '/video/2'),
    ],
    ['https://fxtwitter.com/CTVJLaidlaw/status/1600649710662213632', X('1600649710662213632')],
    ['https://t.co/abCD1234', SHORT('x')],
  ])('reads %s', (address, [platform, id, canonicalUrl]) => {
    expect(detectPlatform(address)).toEqual({
      platform,
      ...(id && { id }),
      ...(canonicalUrl && { canonicalUrl }),
    })
  })

  it('takes every canonical address for the canonical one of the same post', () => {
    const canonical = [
      'https://www.instagram.com/p/ABC123xyz/',
      'https://www.tiktok.com/@_/video/6748451240264420610',
      'https://www.youtube.com/watch?v=YE7VzlLtp-4',
      'https://www.facebook.com/watch/?v=3676516585958356',
      'https://www.facebook.com/groups/1024490957622648/posts/1396382447100162',
      'https://x.com/i/status/1600649710662213632/video/2',
    ]

    expect(canonical.map((address) => detectPlatform(address)?.canonicalUrl)).toEqual(canonical)
  })

  it.each([
    ['a profile', 'https://www.instagram.com/porsche/'],
    ['a hashtag', 'https://www.instagram.com/explore/tags/lolcats'],
    ['a page about a sound', 'https://www.instagram.com/reels/audio/1234/'],
    ['highlights, which are many', 'https://www.instagram.com/stories/highlights/18090946048123978/'],
    ['a user of TikTok', 'https://www.tiktok.com/@corgibobaa?lang=en'],
    ['a live room without an end', 'https://www.tiktok.com/@weathernewslive/live'],
    ['a channel', 'https://www.youtube.com/@YouTube/videos'],
    ['a playlist', 'https://www.youtube.com/playlist?list=PL4lCao7KL_QFVb7Iudeipvc2BCavECqzc'],
    ['an embedded playlist', 'https://www.youtube.com/embed/videoseries?list=PL4lCao7KL_QF'],
    ['an id that is too long', 'https://www.youtube.com/watch?v=YE7VzlLtp-4x'],
    ['a page of Facebook', 'https://www.facebook.com/cnn'],
    ['a user of X', 'https://x.com/NASA'],
    ['a host that only ends alike', 'https://notinstagram.com/reel/ABC123xyz/'],
    ['a host that only begins alike', 'https://www.instagram.com.example.org/reel/ABC123xyz/'],
    ['a name before the real host', 'https://www.instagram.com@example.org/reel/ABC123xyz/'],
    ['another port', 'https://www.instagram.com:8443/reel/ABC123xyz/'],
    ['another scheme', 'ftp://www.instagram.com/reel/ABC123xyz/'],
    ['any other site', 'https://example.org/a.mp4'],
    ['no address', 'www.instagram.com/reel/ABC123xyz/'],
    [
      'a player for a video of elsewhere',
      'https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fe.org',
    ],
    ['a link that attributes itself', 'https://www.youtube.com/attribution_link?u=/attribution_link?u=/'],
  ])('knows no post in the address of %s', (_what, address) => {
    expect(detectPlatform(address)).toBeUndefined()
  })

  it('takes a plain media file where that is allowed, by its address without what tracks', () => {
    const platforms = platformsFor({ allowGenericUrls: true })

    expect(detectPlatform('http://Example.org:8080/a%20b.mp4?sig=a/b+c#t=3', platforms)).toEqual({
      platform: 'generic',
      canonicalUrl: 'http://example.org:8080/a%20b.mp4?sig=a/b+c',
    })
    expect(detectPlatform('https://example.org/a.mp4?utm_source=x&id=7&fbclid=y', platforms)).toEqual({
      platform: 'generic',
      canonicalUrl: 'https://example.org/a.mp4?id=7',
    })
  })

  it('takes no profile of a platform for a media file', () => {
    const platforms = platformsFor({ allowGenericUrls: true })

    expect(detectPlatform('https://www.instagram.com/porsche/', platforms)).toBeUndefined()
  })

  it('knows a platform that was added by one file and one line', () => {
    const loops = definePlatform({
      name: 'loops',
      title: 'Loops',
      hosts: ['loops.example'],
      read: (url) => ({ id: url.pathname.slice(1), canonicalUrl: `https://loops.example${url.pathname}` }),
      options: { extractors: ['generic'] },
    })

    expect(detectPlatform('https://www.loops.example/l1?utm_source=x', [...PLATFORMS, loops])).toEqual({
      platform: 'loops',
      id: 'l1',
      canonicalUrl: 'https://loops.example/l1',
    })
  })
})
