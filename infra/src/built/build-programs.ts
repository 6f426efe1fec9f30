/**
 * Builds programs of one's own, by name and source, into a folder: `<name>.mjs`. What builds is loaded by who does it
 * only; it takes 400 MB for a moment.
 */
export async function buildPrograms(
  programs: Readonly<Record<string, string>>,
  directory: string,
): Promise<void> {
  const { build } = await import('./build.ts')
  await build(programs, directory)
}
