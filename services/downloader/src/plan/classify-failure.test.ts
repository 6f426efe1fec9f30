import { describe, expect, it } from 'vitest'
import { classifyFailure } from './classify-failure.ts'
import { FAILURES, type FailureCode } from './failures.ts'

const HINT =
  'Use --cookies-from-browser or --cookies for the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ#how-do-i-pass-cookies-to-yt-dlp  for how to manually pass cookies'
const BUG =
  '; please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate issue template. Confirm you are on the latest version using  yt-dlp -U'

describe('classifyFailure', () => {
  it.each<[FailureCode, string]>([
    [
      'rate_limited',
      `[Instagram] ABC: Requested content is not available, rate-limit reached or login required. ${HINT}`,
    ],
    [
      'rate_limited',
      `[Instagram] ABC: The webpage request was redirected to the login page. You have exceeded the rate-limit for accessing posts anonymously. ${HINT}`,
    ],
    [
      'rate_limited',
      '[youtube] x: Unable to download API page: HTTP Error 429: Too Many Requests (caused by <HTTPError 429: Too Many Requests>)',
    ],
    [
      'login_required',
      `[Instagram] ABC: Instagram sent an empty media response. Check if this post is accessible in your browser without being logged-in. If it is not, then u${HINT.slice(1)}`,
    ],
    ['login_required', `[facebook] 1: This video is only available for registered users. ${HINT}`],
    ['login_required', '[Instagram] ABC: You need to log in to access this content. Use --cookies'],
    ['login_required', '[Douyin] 1: Fresh cookies (not necessarily logged in) are needed'],
    [
      'private',
      `[Instagram] ABC: This content is only available for registered users who follow this account. ${HINT}`,
    ],
    [
      'private',
      `[TikTok] 1: You do not have permission to view this post. Log into an account that has access. ${HINT}`,
    ],
    ['private', "[youtube] x: Private video. Sign in if you've been granted access to this video"],
    ['private', `[twitter] 1: You are not authorized to view this protected tweet. ${HINT}`],
    [
      'private',
      '[youtube] x: Join this channel to get access to members-only content like this video, and other exclusive perks.',
    ],
    [
      'age_restricted',
      `[youtube] x: Sign in to confirm your age. This video may be inappropriate for some users. ${HINT}`,
    ],
    ['age_restricted', `[twitter] 1: NSFW tweet requires authentication. ${HINT}`],
    ['bot_check', `[youtube] x: Sign in to confirm you’re not a bot. ${HINT}`],
    ['bot_check', `[youtube] x: Sign in to confirm you're not a bot. ${HINT}`],
    [
      'bot_check',
      '[youtube] x: All player responses are invalid. Your IP is likely being blocked by Youtube',
    ],
    ['region_blocked', '[TikTok] 1: Your IP address is blocked from accessing this post'],
    [
      'region_blocked',
      '[youtube] x: Video unavailable. The uploader has not made this video available in your country',
    ],
    ['region_blocked', '[generic] This video is not available from your location due to geo restriction'],
    ['removed', '[TikTok] 1: Video not available, status code 10204'],
    ['removed', '[youtube] x: Video unavailable. This video has been removed by the uploader'],
    ['removed', '[youtube] x: Video unavailable'],
    [
      'removed',
      '[generic] Unable to download webpage: HTTP Error 404: Not Found (caused by <HTTPError 404: Not Found>)',
    ],
    ['removed', '[twitter] 1: Requested tweet is unavailable'],
    [
      'removed',
      '[facebook] 1: The video is not available, Facebook said: "This content isn\'t available right now"',
    ],
    ['live', '[youtube] x: This live event will begin in 3 hours.'],
    ['live', '[youtube] x: Premieres in 20 minutes'],
    ['live', '[tiktok:live] x: This livestream has ended'],
    ['live', '[twitter:broadcast] 1: This live broadcast has not yet started'],
    ['no_video', '[Instagram] ABC: There is no video in this post'],
    ['no_video', '[twitter] 1: No video could be found in this tweet'],
    ['no_video', '[twitter] 1: Media #2 is not a video'],
    [
      'no_video',
      '[youtube] x: Requested format is not available. Use --list-formats for a list of available formats',
    ],
    ['no_video', `[facebook] 1: No video formats found!${BUG}`],
    ['too_large', 'unable to write data: [Errno 27] File too large'],
    ['disk_full', 'unable to write data: [Errno 28] No space left on device'],
    ['disk_full', 'unable to open for writing: [Errno 122] Disk quota exceeded'],
    ['url_unsupported', 'Unsupported URL: https://example.org/a.html'],
    [
      'url_unsupported',
      '[generic] x: The requested site is known to use DRM protection. It will NOT be supported.',
    ],
    ['extractor_broken', `[TikTok] 1: Unable to extract webpage video data${BUG}`],
    ['extractor_broken', '[TikTok] 1: Unexpected response from webpage request'],
    ['extractor_broken', '[TikTok] 1: Unable to solve JS challenge'],
    ['extractor_broken', `[facebook] 1: Cannot parse data${BUG}`],
    ['extractor_broken', 'unable to download video data: HTTP Error 403: Forbidden'],
    ['extractor_broken', 'something that nobody has ever seen'],
    [
      'network',
      '[generic] Unable to download webpage: <urlopen error [Errno -2] Name or service not known> (caused by URLError(gaierror(-2)))',
    ],
    ['network', 'unable to download video data: The read operation timed out'],
    ['network', '[youtube] x: Unable to download API page: HTTP Error 503: Service Unavailable'],
    [
      'network',
      '\r[download] Got server HTTP error: 12 bytes read, 998 more expected. Giving up after 2 retries',
    ],
    ['network', 'unable to download video data: Tunnel connection failed: 502 Bad Gateway'],
  ])('takes for %s: %s', (code, complaint) => {
    expect(classifyFailure(`WARNING: something before\nERROR: ${complaint}\n`)).toBe(code)
  })

  it('heeds no warning of what yt-dlp then got around', () => {
    const stderr =
      'WARNING: [twitter] Rate-limit exceeded; falling back to syndication endpoint\nERROR: [twitter] 1: No video could be found in this tweet'

    expect(classifyFailure(stderr)).toBe('no_video')
  })

  it('knows a reader that crashed', () => {
    expect(classifyFailure('Traceback (most recent call last):\n  File "x.py"\nKeyError: \'video\'')).toBe(
      'extractor_broken',
    )
  })

  it('takes nothing at all for a broken reader', () => {
    expect(classifyFailure('')).toBe('extractor_broken')
  })

  it('has a sentence for people in every class', () => {
    for (const { sentence } of Object.values(FAILURES)) expect(sentence).toMatch(/^[A-Z].{20,120}\.$/)
  })
})
