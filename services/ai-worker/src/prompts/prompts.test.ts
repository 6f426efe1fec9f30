import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { ANALYZE } from './analyze.ts'
import { DESCRIBE } from './describe.ts'
import { DIGEST } from './digest.ts'
import { SUMMARIZE } from './summarize.ts'
import { TAG } from './tag.ts'
import { translatePrompt } from './translate.ts'

/** What each version says. A new text is a new version: answers are found again, and shown, by it. */
const TEXTS: Record<string, string> = {
  'analyze-1': 'c45683aeafd8ddc6',
  'describe-1': '5c321d3d49c672cc',
  'digest-1': '3cb090dadbe1fc45',
  'summarize-1': '0ab151b4b82981d1',
  'tag-1': '8289d5550d78646b',
  'translate-1': 'ad4b28b01bd10f12',
}

it.each([SUMMARIZE, TAG, ANALYZE, DESCRIBE, DIGEST, translatePrompt('German (de)')])(
  'the prompt $version says what that version says',
  ({ version, instructions }) => {
    expect(createHash('sha256').update(instructions).digest('hex').slice(0, 16)).toBe(TEXTS[version])
  },
)
