/** Who asks, as their token says. */
export type Principal =
  | { kind: 'admin'; userId: string }
  | { kind: 'user'; userId: string }
  | { kind: 'service'; name: string }
