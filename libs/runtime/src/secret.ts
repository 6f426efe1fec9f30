import { inspect } from 'node:util'
import { z } from 'zod'

const HIDDEN = '[secret]'

/** A value that cannot print: loggers, templates, JSON and `console.log` all see `[secret]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Grep for this name to see everywhere a secret is used. */
  reveal(): string {
    return this.#value
  }

  toJSON(): string {
    return HIDDEN
  }

  toString(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** A config variable that must not be shown. For a fallback use `.prefault('text')`, which is parsed like a value. */
export const secret = z.string().transform((value) => new Secret(value))
