import type { EmbeddedChapter } from '../media-probe.ts'

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Chapters from OverDrive's MP3 tag: `<Markers><Marker><Name>…</Name><Time>4:05.000</Time></Marker>…`.
 * A chapter that goes on from the file before is marked again, with its time there: "Chapter 2 (15:34)".
 */
export function parseMediaMarkers(xml: string): EmbeddedChapter[] {
  const markers = [...xml.matchAll(/<Marker>([\s\S]*?)<\/Marker>/gi)].flatMap(([, body = '']) => {
    const title = /<Name>([\s\S]*?)<\/Name>/i.exec(body)?.[1]
    const startMs = parseTime(/<Time>\s*([\d:.]+)\s*<\/Time>/i.exec(body)?.[1])
    return startMs === undefined
      ? []
      : [{ startMs, endMs: startMs, ...(title ? { title: unescaped(title) } : {}) }]
  })
  return markers.filter(({ title = '' }) => !/\(\d+:\d\d(:\d\d)?\)$/.test(title))
}

/** `[h:]m:s[.fff]`; minutes may exceed 59. */
function parseTime(text: string | undefined): number | undefined {
  const parts = text?.split(':').map(Number)
  if (!parts || parts.length > 3 || parts.some((part) => !Number.isFinite(part))) return undefined
  return Math.round(parts.reduce((sum, part) => sum * 60 + part, 0) * 1000)
}

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '').trim()
}
