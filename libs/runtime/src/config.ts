import type { z } from 'zod'

type Shape = Readonly<Record<string, z.ZodType>>
type Config<S extends Shape> = Readonly<z.infer<z.ZodObject<S>>>

/** The variables of a process, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>

export interface ConfigProblem {
  variable: string
  problem: string
}

/** Every variable that is missing or wrong, in one message. Values are never part of it: some are secrets. */
export class ConfigError extends Error {
  readonly code = 'config-invalid'
  readonly #problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem }) => `  ${variable}: ${problem}`)
    super(`these environment variables need attention (see .env.example):\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.#problems = problems
    // Nobody catches this one: Node prints it, and the operator who reads it needs the list, not our call stack.
    this.stack = `${this.name}: ${this.message}`
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems
  }
}

/**
 * Parses the environment once, at the top of `main.ts`; values are passed down from there.
 * This file is the only one that reads `process.env`.
 */
export function loadConfig<const S extends Shape>(shape: S, env: Env = process.env): Config<S> {
  const config: Record<string, unknown> = {}
  const problems: ConfigProblem[] = []

  for (const [variable, schema] of Object.entries(shape)) {
    const raw = rawValue(env, variable)
    const parsed = schema.safeParse(raw)
    if (!parsed.success) problems.push({ variable, problem: describe(raw, parsed.error) })
    else if (parsed.data !== undefined) config[variable] = parsed.data
  }

  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config) as Config<S>
}

/** `NAME=` means "not set", as in a copied .env.example; a mounted secret's trailing newline is not part of it. */
function rawValue(env: Env, variable: string): string | undefined {
  const raw = env[variable]?.trim()
  return raw === '' ? undefined : raw
}

/** Zod's own messages name what was expected and never the value that was found. */
function describe(raw: string | undefined, error: z.ZodError): string {
  if (raw === undefined) return 'is not set'
  return error.issues.map((issue) => issue.message).join('; ')
}
