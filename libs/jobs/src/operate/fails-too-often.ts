/** Until so many have ended, those that have not are taken to succeed: two bad ones at the beginning prove nothing. */
const SAMPLE = 10

/** Whether more of the redriven jobs failed again than may; with a limit of 0 the first one does. Pure. */
export function failsTooOften(
  { completed, failed }: { completed: number; failed: number },
  mostFailures: number,
): boolean {
  return failed > mostFailures * Math.max(completed + failed, SAMPLE)
}
