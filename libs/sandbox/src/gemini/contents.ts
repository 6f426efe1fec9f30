import { z } from 'zod'

const Part = z.looseObject({
  text: z.string().optional(),
  inlineData: z.object({ mimeType: z.string(), data: z.string() }).optional(),
  fileData: z.object({ mimeType: z.string().optional(), fileUri: z.string() }).optional(),
})

export const Content = z.looseObject({ role: z.string().optional(), parts: z.array(Part) })
export type Content = z.infer<typeof Content>

export const GenerateRequest = z.looseObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  generationConfig: z
    .looseObject({
      maxOutputTokens: z.int().min(1).optional(),
      responseMimeType: z.string().optional(),
      responseSchema: z.unknown().optional(),
      responseJsonSchema: z.unknown().optional(),
    })
    .optional(),
})
export type GenerateRequest = z.infer<typeof GenerateRequest>

/** What was written in a message. */
export function textOfContent(content: Content | undefined): string {
  return (content?.parts ?? []).flatMap(({ text }) => text ?? []).join('\n')
}
