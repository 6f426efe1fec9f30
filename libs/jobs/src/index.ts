export { amendInputs } from './amend-inputs.ts'
export { recordAct } from './audit.ts'
export { announceCancelled, cancelJob, cancelSubject } from './cancel.ts'
export type { Claim, Holder, JobRow } from './claim.ts'
// For the simulator, whose Postgres is a model: what is decided around the statements is not.
export { FenceLostError } from './complete.ts'
export { sweepConsumers } from './consumer-sweeper.ts'
export { defineWorker, type Job, type RunContext, type Worker } from './define-worker.ts'
// For the testkit, which steps through what workerParts runs in loops.
export { dispatchDue } from './dispatch.ts'
export type { DispatchOutlook } from './dispatch-outlook.ts'
export { createDispatcher, type Dispatcher } from './dispatcher.ts'
export type { Dispatched } from './drift.ts'
export type { EnterStage } from './enter-stage.ts'
export { handleDelivery } from './handle-delivery.ts'
export { type InsertedJobs, insertJobs } from './insert-jobs.ts'
export { createJobMetrics, type JobMetrics } from './job-metrics.ts'
export { type JobStore, jobStore } from './job-store.ts'
export { LimitReachedError } from './limits/limit-reached.ts'
export type { RunLimits } from './limits/run-limits.ts'
export { lockDispatch, type Marked, sendingOrder } from './mark-due.ts'
export { cancelBook } from './operate/cancel-book.ts'
export { cancelClip, retryClip } from './operate/clips.ts'
export { type DeadLetterGroup, deadLetterGroups } from './operate/dead-letter-groups.ts'
export {
  countOpenDeadLetters,
  type DeadLetter,
  type DeadLetterDetail,
  type DeadLetterFilter,
  deadLetterById,
  openDeadLetters,
  redriveDeadLetter,
} from './operate/dead-letters.ts'
export { discardDeadLetter, discardDeadLetters } from './operate/discard.ts'
export { compactJobCounts, createCountCompactor, type JobCount, jobCounts } from './operate/job-counts.ts'
export { changeOwnerBudget } from './operate/owner-budgets.ts'
export {
  drainQueue,
  pauseQueue,
  type QueueControl,
  queueControls,
  resumeQueue,
} from './operate/queue-controls.ts'
export { type QueueState, queueState, queueStates } from './operate/queue-states.ts'
export {
  type Redrive,
  type RedriveProgress,
  type RedriveRequest,
  redriveProgress,
  redrives,
  startRedrive,
  stopRedrive,
} from './operate/redrives.ts'
export { createRedriver, stepRedrives } from './operate/step-redrives.ts'
export type { Reason, ReasonCode } from './operate/why/reasons.ts'
export { type WhyNotRunning, whyNotRunning } from './operate/why/why-not-running.ts'
export { claimOutside, failOutside, reportOutside, submitOutside } from './outside.ts'
export { planAdmission, type Share, type Standing, type Windows } from './plan-admission.ts'
export type { JobDefinitions } from './plan-graph.ts'
export { measureQueues } from './queue-metrics.ts'
export { reconcile } from './reconcile.ts'
export { createReconciler } from './reconciler.ts'
export { redriveJob } from './redrive.ts'
export type { SentJob } from './sent-tickets.ts'
export { settleSubject } from './settle-subject.ts'
export { createShell, type Shell } from './shell.ts'
export { type InsertedClip, insertClip, insertClips, type NewClip } from './subjects/clip.ts'
export { type ChangedClip, tellWebhooks } from './subjects/tell-webhooks.ts'
export { wakeAnew, wakeJob } from './wake.ts'
export { connectionConfig, openConnections, workerConfig, workerOptions } from './worker-config.ts'
export { type WorkerPartsOptions, workerParts } from './worker-parts.ts'
