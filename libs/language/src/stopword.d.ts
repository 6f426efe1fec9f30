/** The package ships no types. Lists are named by ISO 639-3 code; more exist than are named here. */
declare module 'stopword' {
  export const eng: string[]
}
