import type { FailureCode } from './failures.ts'

/**
 * What yt-dlp's complaints mean, the first that fits. The order matters: most name several things ("Private video. Sign
 * in if you've been granted access"). Strings are those of yt-dlp's extractors, of its downloaders, and of the sites
 * themselves, which it passes on.
 */
const COMPLAINTS: readonly [FailureCode, RegExp][] = [
  ['disk_full', /No space left on device|Disk quota exceeded|\bErrno (?:28|122)\b/i],
  ['too_large', /larger than max-filesize|File too large|\bErrno 27\b/i],
  [
    'rate_limited',
    /exceeded the rate-?limit|HTTP Error 429|Too Many Requests|rate-?limit (?:reached|exceeded)|Please wait a few minutes/i,
  ],
  [
    'bot_check',
    /confirm (?:that )?you.?re not a bot|captcha|unusual traffic|IP is likely being blocked|verify (?:that )?you are (?:a )?human/i,
  ],
  [
    'age_restricted',
    /confirm your age|age[- ]restricted|inappropriate for some users|NSFW tweet requires|available to everyone over/i,
  ],
  [
    'region_blocked',
    /geo.?restrict|in your (?:country|location|region)|from your (?:country|location|region)|IP address is blocked|has been withheld/i,
  ],
  [
    'private',
    /registered users who follow|You do not have permission to view this post|Private video|\b(?:is|are) (?:either )?private\b|protected tweet|not authorized to view|members-only|Join this channel/i,
  ],
  [
    'live',
    /live event will begin|Premieres (?:in|will)|livestream has ended|(?:not (?:yet )?started|not currently live)|is (?:currently )?live\b|live stream recording is not available|replay is disabled|not downloadable yet/i,
  ],
  [
    'login_required',
    /log ?in|sign in|requires? authentication|registered users|empty media response|cookies (?:\([^)]*\) )?are needed|--cookies|account credentials/i,
  ],
  [
    'no_video',
    /no video in this post|No video could be found|is not a video|No video formats found|Requested format is not available|No media found/i,
  ],
  [
    'removed',
    /Video unavailable|Video not available, status code|no longer available|has been (?:removed|deleted|terminated)|does(?: not|n.t) exist|isn.t available|is unavailable|is not available|not found|HTTP Error 4(?:04|10)\b|no longer exists|account has been/i,
  ],
  ['url_unsupported', /Unsupported URL|is not a valid URL|No suitable extractor|DRM protect|uses DRM/i],
  [
    'extractor_broken',
    /Unable to extract|JS challenge|Cannot parse data|Unexpected response from webpage|Failed to (?:parse|extract)|please report this issue|Traceback \(most recent|challenge solving failed|HTTP Error 40[0-3]\b/i,
  ],
  [
    'network',
    /timed? ?out|Connection (?:reset|refused|aborted)|Name or service not known|name resolution|getaddrinfo|Unable to connect|Remote end closed|Network is unreachable|\bSSL\b|certificate|Tunnel connection failed|HTTP Error 5\d\d|IncompleteRead|EOF occurred|more expected|did not finish within|Did not get any data blocks|proxy/i,
  ],
]

/**
 * What became of a yt-dlp that failed. Only its last errors count: warnings tell of what it tried before and got around.
 * What nobody knows is taken for a reader that no longer understands its platform, which is what new complaints mean.
 */
export function classifyFailure(stderr: string): FailureCode {
  const complaint = complaintIn(stderr)
  return COMPLAINTS.find(([, pattern]) => pattern.test(complaint))?.[0] ?? 'extractor_broken'
}

/** From the last line that begins with `ERROR:`; all of it where none does. */
export function complaintIn(stderr: string): string {
  const at = stderr.lastIndexOf('ERROR:')
  const text = at === -1 ? stderr : stderr.slice(at)
  // Advice that yt-dlp adds to most errors, and which names what they are not about.
  return text.replace(
    /; please report this issue on[^\n]*|Confirm you are on the latest version[^\n]*|See +https?:[^\n]*/g,
    '',
  )
}

/** Text of a tool's for a log: what stands behind an address' path may be its user's secret, such as a signature. */
export function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s?#'"]+)[?#][^\s'"]*/g, '$1?…')
}
