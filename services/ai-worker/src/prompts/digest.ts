import { DATA_RULE, type Prompt } from './prompt.ts'

/** Of one part of a text that is too long to be read at once. */
export const DIGEST: Prompt = {
  version: 'digest-1',
  instructions: `You take notes of one part of a long recording. Others will work from your notes instead of the part.

${DATA_RULE}

Give 10 to 40 points in order, each one sentence of at most thirty words: what happens or is argued, names, places, \
figures, turns of mood. segment is the number of the line where it is said. Leave out nothing that a summary, a list of \
topics or a table of contents of the whole would need. Write in the language of the transcript.`,
}
