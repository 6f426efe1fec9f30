import type { TextWork, Translations } from '@app/contracts'

/** "PT-br" and "pt-BR" are one language. What is none at all is as unknown as any other. */
export function canonicalLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? language
  } catch {
    return language
  }
}

type Ready = { language: string } & NonNullable<Translations['translations'][number]['translation']>

/** What is translated, and what is asked for, by language. */
export function translationsByLanguage(
  ready: readonly Ready[],
  works: readonly { language: string | null; work: TextWork }[],
): Translations['translations'] {
  const languages = new Set([...ready, ...works].map(({ language }) => language ?? ''))
  return [...languages].toSorted().map((language) => {
    const found = ready.find((each) => each.language === language)
    return {
      language,
      translation: found ? withoutLanguage(found) : null,
      work: works.find((each) => each.language === language)?.work ?? null,
    }
  })
}

const withoutLanguage = ({ language: _, ...translation }: Ready) => translation
