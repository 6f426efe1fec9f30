import type { Database } from '@app/db'
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'

/** One run of a job: what every write of it must name. */
export interface Run {
  jobId: string
  fence: number
  subjectKind: string
  subjectId: string
}

type JobExpression = ExpressionBuilder<Database, 'processing_jobs'>

/** The guard of every write of a run: 0 rows means that it is a zombie, and must drop what it has. */
export const stillMine =
  (run: Pick<Run, 'jobId' | 'fence'>) =>
  (eb: JobExpression): ExpressionWrapper<Database, 'processing_jobs', SqlBool> =>
    eb.and([eb('id', '=', run.jobId), eb('status', '=', 'running'), eb('fence', '=', run.fence)])
