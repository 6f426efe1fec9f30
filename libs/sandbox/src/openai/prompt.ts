import { z } from 'zod'

const Part = z.looseObject({ type: z.string(), text: z.string().optional() })
const Message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(Part)]).nullish() })

/** Messages of Chat Completions, or the input items of Responses. */
export const Messages = z.array(Message)

/** What an operator said, and what it is about. */
export interface Prompt {
  instructions: string
  content: string
}

/** The texts of messages by who said them. */
export function promptOf(messages: z.infer<typeof Messages>, instructions = ''): Prompt {
  const saidBy = (own: boolean) =>
    messages
      .filter(({ role }) => ['system', 'developer'].includes(role) === own)
      .map(({ content }) => textOf(content))
      .join('\n')
  return { instructions: [instructions, saidBy(true)].filter(Boolean).join('\n'), content: saidBy(false) }
}

function textOf(content: z.infer<typeof Message>['content']): string {
  if (typeof content === 'string') return content
  return (content ?? []).map(({ text }) => text ?? '').join('\n')
}
