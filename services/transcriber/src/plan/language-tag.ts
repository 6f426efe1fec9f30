/** English names of languages, as Whisper says them, and their BCP 47 tags. */
let tags: ReadonlyMap<string, string> | undefined

/** The tag of a language that a provider names by its tag (`en`) or in English (`english`); undefined where it is neither. */
export function languageTag(named: string | null | undefined): string | undefined {
  const name = named?.trim().toLowerCase() ?? ''
  if (/^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/.test(name)) return canonical(name)
  tags ??= tagsByName()
  return tags.get(name)
}

/** The language a user named, or what was detected, or that nobody knows it. */
export const spokenLanguage = (asked: string | undefined, detected: string | null | undefined): string =>
  asked ?? languageTag(detected) ?? 'und'

/** ISO 639-1, where a language has such a code: what providers take as a hint. */
export function primaryLanguage(tag: string | undefined): string | undefined {
  const primary = tag && languageTag(tag)?.split('-')[0]
  return primary === 'und' ? undefined : primary
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

/** The runtime knows what each two-letter code is called, not which there are: 676 are quickly asked. */
function tagsByName(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  return new Map(
    codes.flatMap((code) => {
      const name = names.of(code)
      return name === undefined ? [] : [[name.toLowerCase(), code]]
    }),
  )
}
