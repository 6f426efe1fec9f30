import type { Post } from './posts.ts'

/** What a platform may have against handing out a post, and what yt-dlp says then. */
export type SiteFailure = keyof typeof SAYINGS

const LOGIN_HINT =
  'Use --cookies-from-browser or --cookies for the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ#how-do-i-pass-cookies-to-yt-dlp  for how to manually pass cookies'
const YOUTUBE_HINT = `${LOGIN_HINT}. Also see  https://github.com/yt-dlp/yt-dlp/wiki/Extractors#exporting-youtube-cookies  for tips on effectively exporting YouTube cookies`
const PLEASE_REPORT =
  'please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate issue template. Confirm you are on the latest version using  yt-dlp -U'
const TRY_PROXY = '\nYou might want to use a VPN or a proxy server (with --proxy) to workaround.'

/**
 * What stands behind `ERROR: [extractor] id: `, word for word as yt-dlp 2026.08.19 composes it: its extractors instagram,
 * tiktok, facebook, twitter and youtube, and for YouTube's own sentences the issues that quote them.
 */
const SAYINGS = {
  'instagram-private': `This content is only available for registered users who follow this account. ${LOGIN_HINT}`,
  'instagram-login': `Instagram sent an empty media response. Check if this post is accessible in your browser without being logged-in. If it is not, then u${LOGIN_HINT.slice(1)}. Otherwise, if the post is accessible in browser without being logged-in, ${PLEASE_REPORT}`,
  'instagram-rate-limit': `The webpage request was redirected to the login page. You have exceeded the rate-limit for accessing posts anonymously. ${LOGIN_HINT}`,
  'instagram-age': `Restricted Video: You must be 18 years old or over to see this video. ${LOGIN_HINT}`,
  'no-video': 'There is no video in this post',
  'tiktok-private': `You do not have permission to view this post. Log into an account that has access. ${LOGIN_HINT}`,
  'tiktok-removed': `Video not available, status code 10231; ${PLEASE_REPORT}`,
  'tiktok-blocked': 'Your IP address is blocked from accessing this post',
  'tiktok-broken': `Unable to extract webpage video data; ${PLEASE_REPORT}`,
  'youtube-private': `Private video. Sign in if you've been granted access to this video. ${YOUTUBE_HINT}`,
  'youtube-age': `Sign in to confirm your age. This video may be inappropriate for some users. ${YOUTUBE_HINT}`,
  'youtube-bot': `Sign in to confirm you’re not a bot. ${YOUTUBE_HINT}`,
  'youtube-removed': 'Video unavailable. This video has been removed by the uploader',
  'youtube-region': `The uploader has not made this video available in your country\nThis video is available in Germany, Austria.${TRY_PROXY}`,
  'youtube-live': 'This live event will begin in 3 hours.',
  'youtube-rate-limit':
    "Video unavailable. This content isn't available, try again later. The current session has been rate-limited by YouTube for up to an hour. It is recommended to use `-t sleep` to add a delay between video requests to avoid exceeding the rate limit. For more information, refer to  https://github.com/yt-dlp/yt-dlp/wiki/Extractors#this-content-isnt-available-try-again-later",
  'facebook-login': `This video is only available for registered users. ${LOGIN_HINT}`,
  'facebook-broken': `Cannot parse data; ${PLEASE_REPORT}`,
  'x-age': `NSFW tweet requires authentication. ${LOGIN_HINT}`,
  'x-private': `You are not authorized to view this protected tweet. ${LOGIN_HINT}`,
  'x-removed': 'Requested tweet is unavailable',
  'x-no-video': 'No video could be found in this tweet',
  'http-429':
    'Unable to download webpage: HTTP Error 429: Too Many Requests (caused by <HTTPError 429: Too Many Requests>)',
  network:
    "Unable to download webpage: [Errno -3] Temporary failure in name resolution (caused by TransportError('[Errno -3] Temporary failure in name resolution'))",
} as const

const EXTRACTORS = {
  ...{ instagram: 'Instagram', tiktok: 'TikTok', youtube: 'youtube', facebook: 'facebook', x: 'twitter' },
} satisfies Record<Post['platform'], string>

/** All of them, for tests that go through the list. */
export const SITE_FAILURES = Object.keys(SAYINGS) as SiteFailure[]

/** What yt-dlp prints on standard error when it gives up. */
export function sayingOf({ platform, id }: Post, failure: SiteFailure): string {
  return `ERROR: [${EXTRACTORS[platform]}] ${id}: ${SAYINGS[failure]}\n`
}
