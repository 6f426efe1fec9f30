import { DATA_RULE, type Prompt } from './prompt.ts'

export const SUMMARIZE: Prompt = {
  version: 'summarize-1',
  instructions: `You summarise recordings for people who decide whether to listen to them.

${DATA_RULE}

Write the summary in the language of the transcript, as running text of 60 to 150 words, and shorter than what was \
said. Say what happens or is argued, in the order in which it does, with the names that matter. No opinion of yours, no \
introduction such as "This recording".`,
}
