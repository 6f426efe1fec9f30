import { type BookFile, tagOf } from './book-file.ts'

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/**
 * Files in the order they are to be heard. Positions that the sender gave come first. Then by disc, if every
 * file names one and they run on without a hole (from tags, else from folder or file names); then by track,
 * from tags or file names, whichever tells more files apart; then by name, "2" before "10".
 */
export function planTrackOrder<File extends BookFile>(files: readonly File[]): File[] {
  const discs = runningNumbers(files.map(discFromTags)) ?? runningNumbers(files.map(discFromName))
  const tracks = tellingApart(files.map(trackFromTags), files.map(trackFromName))
  const order = files.map((_, index) => index)
  order.sort(
    (a, b) =>
      byNumber(files[a]?.position ?? Infinity, files[b]?.position ?? Infinity) ||
      byNumber(discs?.[a], discs?.[b]) ||
      byNumber(tracks?.[a], tracks?.[b]) ||
      byName(files[a]?.fileName ?? '', files[b]?.fileName ?? '') ||
      a - b,
  )
  return order.map((index) => files[index] as File)
}

function byNumber(a = 0, b = 0): number {
  return a === b ? 0 : a - b
}

function byName(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}

/** "3", "3/12", "03". */
function leadingNumber(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,4})\s*(?:$|\/|of\b)/i.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function discFromTags(file: BookFile): number | undefined {
  return leadingNumber(tagOf(file, 'disc', 'discnumber', 'tpos', 'disk'))
}

/** A folder or file called "CD 1", "disc02", "Disk 3". */
function discFromName({ fileName }: BookFile): number | undefined {
  const parts = fileName.replace(/\.[a-z0-9]{1,5}$/i, '').split(/[/\\]/)
  const digits = parts.map((part) => /^(?:cd|dis[ck])\s*(\d{1,3})(?!\d)/i.exec(part.trim())?.[1])
  const found = digits.find((text) => text !== undefined)
  return found === undefined ? undefined : Number(found)
}

function trackFromTags(file: BookFile): number | undefined {
  return leadingNumber(tagOf(file, 'track', 'tracknumber', 'trck'))
}

/** The first number in the name that isn't part of the book's title, author, series or year. */
function trackFromName(file: BookFile): number | undefined {
  const about = [
    tagOf(file, 'album'),
    tagOf(file, 'artist', 'album_artist'),
    tagOf(file, 'series'),
    tagOf(file, 'date'),
  ]
  const base =
    file.fileName
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.[a-z0-9]{1,5}$/i, '') ?? ''
  const bare = about.reduce<string>((name, text) => (text ? without(name, text) : name), base)
  const digits = /(?<!\d)\d{1,4}(?!\d)/.exec(bare.replace(/^\s*(?:cd|dis[ck])\s*\d{1,3}/i, ''))?.[0]
  return digits === undefined ? undefined : Number(digits)
}

function without(name: string, text: string): string {
  const at = name.toLowerCase().indexOf(text.toLowerCase())
  // Lower case may change a text's length ("İ"): then the place can't be trusted.
  const isSameLength = name.toLowerCase().length === name.length && text.toLowerCase().length === text.length
  return at < 0 || !isSameLength ? name : `${name.slice(0, at)} ${name.slice(at + text.length)}`
}

/** All of them, when all are known and no number between lowest and highest is missing. */
function runningNumbers(numbers: readonly (number | undefined)[]): number[] | undefined {
  const known = numbers.filter((number) => number !== undefined)
  const distinct = [...new Set(known)].toSorted((a, b) => a - b)
  const runsOn = distinct.every((number, index) => index === 0 || number - (distinct[index - 1] ?? 0) === 1)
  return known.length === numbers.length && runsOn ? known : undefined
}

/** The numbering with more distinct values, tags if both have as many; undefined unless every file has one. */
function tellingApart(...numberings: (number | undefined)[][]): number[] | undefined {
  const complete = numberings.filter((numbers): numbers is number[] => !numbers.includes(undefined))
  return complete.toSorted((a, b) => new Set(b).size - new Set(a).size)[0]
}
