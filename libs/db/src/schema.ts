import type { BookTables } from './tables/books.ts'
import type { CallerTables } from './tables/callers.ts'
import type { JobTables } from './tables/jobs.ts'
import type { ProviderTables } from './tables/providers.ts'
import type { RecordingTables } from './tables/recordings.ts'
import type { TextTables } from './tables/texts.ts'

export type { ProcessingJobs } from './tables/jobs.ts'

/** Every table, as Kysely sees it. Migrations are the truth; this says the same in types. */
export interface Database
  extends RecordingTables,
    BookTables,
    TextTables,
    JobTables,
    ProviderTables,
    CallerTables {}
