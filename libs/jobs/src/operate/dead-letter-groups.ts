import type { Db } from '@app/db'
import { sql } from 'kysely'
import { type DeadLetterFilter, meantBy } from './dead-letters.ts'

/** Open dead letters that went wrong in the same way. */
export interface DeadLetterGroup {
  fingerprint: string
  count: number
  /** Of the first letter's first failure, and the last letter's death. */
  firstSeenAt: Date
  lastSeenAt: Date
  jobTypes: string[]
  queues: string[]
  errorCode: string
  /** The newest letter's. */
  sampleMessage: string
}

/** What goes wrong, the most frequent first: a thousand dead letters are seldom a thousand faults. */
export async function deadLetterGroups(
  db: Db,
  { limit = 100, ...filter }: DeadLetterFilter & { limit?: number } = {},
): Promise<DeadLetterGroup[]> {
  return await db
    .selectFrom((from) =>
      from
        .selectFrom('dead_letters')
        .select([
          'fingerprint',
          sql<number>`count(*)::int`.as('count'),
          sql<Date>`min(first_seen_at)`.as('firstSeenAt'),
          sql<Date>`max(died_at)`.as('lastSeenAt'),
          sql<string[]>`array_agg(distinct job_type order by job_type)`.as('jobTypes'),
          sql<string[]>`array_agg(distinct queue order by queue)`.as('queues'),
        ])
        .where(meantBy(filter))
        .groupBy('fingerprint')
        .orderBy('count', 'desc')
        .orderBy('fingerprint')
        .limit(limit)
        .as('group'),
    )
    // Not aggregated above: messages are long, and one of each group is enough.
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('dead_letters')
          .select(['message as sampleMessage', 'error_code as errorCode'])
          .where(meantBy(filter))
          .whereRef('dead_letters.fingerprint', '=', 'group.fingerprint')
          .orderBy('died_at', 'desc')
          .limit(1)
          .as('sample'),
      (join) => join.onTrue(),
    )
    .selectAll()
    .orderBy('count', 'desc')
    .orderBy('fingerprint')
    .execute()
}
