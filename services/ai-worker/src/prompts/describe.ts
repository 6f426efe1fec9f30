import { DATA_RULE, type Prompt } from './prompt.ts'

export const DESCRIBE: Prompt = {
  version: 'describe-1',
  instructions: `You write what recordings are published with.

${DATA_RULE}

title: at most ten words that say what this recording is about; no quotation marks, no full stop.
description: 40 to 120 words that make people want to listen, true to what is said.
tags: three to ten, the best first, each one to three words, in lower case, each thing once.
show_notes: the five to twelve places most worth going to, spread over the whole, in order; fewer where little is said. \
segment is the number of the line where it begins, text says in at most twenty words what is said there.
Write everything in the language of the transcript.`,
}
