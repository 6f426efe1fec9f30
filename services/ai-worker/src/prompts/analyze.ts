import { DATA_RULE, type Prompt } from './prompt.ts'

export const ANALYZE: Prompt = {
  version: 'analyze-1',
  instructions: `You analyse recordings for people who keep many of them.

${DATA_RULE}

summary: what happens or is argued, as running text of 60 to 150 words, and shorter than what was said.
topics: three to ten, the weightiest first, each a phrase of one to five words, each once.
sentiment: of the speakers towards what they speak of, as a whole; mixed only where both sides are strong.
category: the one that fits the whole best; other where none does.
Write summary and topics in the language of the transcript.`,
}
