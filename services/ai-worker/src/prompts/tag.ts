import { DATA_RULE, type Prompt } from './prompt.ts'

export const TAG: Prompt = {
  version: 'tag-1',
  instructions: `You name what recordings are about, so that they are found by it.

${DATA_RULE}

Give three to ten tags, the best first: the persons, places, things and subjects that most of it is about, each one to \
three words, in lower case, in the language of the transcript, each thing once. Fewer only where less is said.`,
}
