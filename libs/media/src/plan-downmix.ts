/** How loud one way of mixing is, in dBFS; −Infinity for digital silence. */
export interface Loudness {
  /** Mean over the whole stretch. */
  rmsDb: number
  /** The loudest twentieth of a second: not lowered by pauses. */
  peakRmsDb: number
}

/** One way to make one channel of several: a formula for ffmpeg's `pan` filter. */
export interface Mix {
  name: string
  pan: string
}

/** What a recording's channels are, as far as mixing cares. */
export interface ChannelPlan {
  /** Frames that differ (recordings change their layout half-way) are first brought to this one. */
  layout: string | undefined
  mixes: Mix[]
  /** Index in `mixes` of a centre channel, and of the channels that may carry speech. */
  centre?: number
  singles: number[]
  /** Index in `mixes` of several channels together, and how many they are. */
  blend: number
  blended: number
}

/** Others are described, as "2 channels (FL+BC)": ffmpeg brings nothing to those, and only their number is made use of. */
const NAMED_LAYOUT = /^\S+$/
const CENTRE_LAYOUTS = /^(3\.[01]$|4\.[01]|5\.[01]|6\.[01]|7\.[01])/
const LFE_LAYOUTS: Record<string, number> = { '2.1': 2 }
/** A blend loses level where its channels have nothing in common; this much more, and they cancel each other. */
const CANCELLED_DB = 3
/** Speech makes the centre one of the louder channels. This far below them it is empty, or means something else. */
const FAINT_DB = 8
const MAX_MEASURED_CHANNELS = 8

/** The ways to mix that are worth measuring for so many channels. */
export function planMixes(channels: number, channelLayout: string | undefined): ChannelPlan {
  const layout = channelLayout && NAMED_LAYOUT.test(channelLayout) ? channelLayout : undefined
  const count = Math.min(Math.max(channels, 1), MAX_MEASURED_CHANNELS)
  const hasCentre = count >= 3 && (layout ? CENTRE_LAYOUTS.test(layout) : count >= 5)
  const lfe = hasCentre ? lfeAfterCentre(count, layout) : LFE_LAYOUTS[layout ?? '']
  const mixes: Mix[] = Array.from({ length: count }, (_, index) => ({ name: `c${index}`, pan: `c${index}` }))
  const singles = mixes.map((_, index) => index).filter((index) => index !== lfe)
  if (count === 1) return { layout, mixes, singles, blend: 0, blended: 1 }
  // Of surround sound the three in front are blended; otherwise all channels are alike.
  const blended = hasCentre ? [0, 1, 2] : singles
  const share = (1 / blended.length).toFixed(6)
  mixes.push({ name: 'blend', pan: blended.map((index) => `${share}*c${index}`).join('+') })
  return {
    layout,
    mixes,
    singles,
    blend: count,
    blended: blended.length,
    ...(hasCentre ? { centre: 2 } : {}),
  }
}

function lfeAfterCentre(count: number, layout: string | undefined): number | undefined {
  return layout ? (/\.1/.test(layout) ? 3 : undefined) : count >= 6 ? 3 : undefined
}

/** Index in `mixes` of the one that `chooseMix` picks of most recordings. */
export function usualMix({ centre, blend }: ChannelPlan): number {
  return centre ?? blend
}

/**
 * Picks the mix a recogniser hears most in, from measured loudness.
 *
 * Film and broadcast put speech in the centre, where a plain downmix buries it: it is taken alone, unless it is
 * faint. So is another channel of surround sound that drowns the rest. Otherwise channels are blended, unless
 * the blend is much quieter than one of them: then they cancel (one wired the wrong way round, where `-ac 1`
 * gives silence) and the loudest alone is taken.
 */
export function chooseMix(
  plan: ChannelPlan,
  loudness: readonly Loudness[],
): { mix: Mix; loudness: Loudness } {
  const level = (index: number) => (loudness[index] ?? SILENT).rmsDb
  const loudest = plan.singles.toSorted((a, b) => level(b) - level(a))[0] ?? 0
  const lostBy = (index: number) => level(loudest) - level(index)
  const picked = () => {
    if (plan.centre !== undefined) {
      if (lostBy(plan.centre) < FAINT_DB) return plan.centre
      if (plan.singles.every((index) => index === loudest || lostBy(index) >= FAINT_DB)) return loudest
    }
    // All but one of the blended silent: 20·log10(n) dB quieter, and nothing is wrong.
    return lostBy(plan.blend) > 20 * Math.log10(plan.blended) + CANCELLED_DB ? loudest : plan.blend
  }
  const index = picked()
  return { mix: plan.mixes[index] as Mix, loudness: loudness[index] ?? SILENT }
}

const SILENT: Loudness = { rmsDb: Number.NEGATIVE_INFINITY, peakRmsDb: Number.NEGATIVE_INFINITY }

/** Speech whose loudest moments stay below this is raised … */
const QUIET_DB = -24
/** … to this, */
const WANTED_DB = -15
/** but what is quieter than this is hiss: raising it makes recognisers invent words. */
const HISS_DB = -75

/** Speech has pauses: its loudest moments stand out from its mean by more than this. Steady noise doesn't. */
const STEADY_DB = 6

/** How much to raise a stretch, in dB. Never lowers: clipped sound stays clipped, and loud is no problem. */
export function planGainDb({ rmsDb, peakRmsDb }: Loudness): number {
  const isSteady = peakRmsDb - rmsDb < STEADY_DB
  return peakRmsDb >= QUIET_DB || peakRmsDb < HISS_DB || isSteady ? 0 : Math.round(WANTED_DB - peakRmsDb)
}

/** Brings frames to the layout that the plan was made for: `pan` fails on fewer channels than it names. */
export function planLayout({ layout }: ChannelPlan): string {
  return layout ? `aformat=channel_layouts=${layout},` : ''
}
