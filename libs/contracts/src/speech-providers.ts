/** Who may turn sound into words, in the order in which `auto` looks for one that is configured. */
export const SPEECH_PROVIDERS = ['revai', 'openai', 'gemini', 'offline'] as const
export type SpeechProvider = (typeof SPEECH_PROVIDERS)[number]
