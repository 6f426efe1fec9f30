export { type AudiobookToPlan, planAudiobook } from './audiobook.ts'
export { FLOWS } from './flows.ts'
export type { PlannedJob } from './planned-job.ts'
export { overallProgress, overallStatus } from './status.ts'
