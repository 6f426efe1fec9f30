import type { StackUnderTest } from './running-stack.ts'

/** One thing that was committed. Rows of this kind are only ever added, so what happened twice stands here twice. */
export interface Effect {
  kind: 'claimed' | 'completed' | 'transcript' | 'embedding' | 'summary' | 'tags'
  /** The job, chapter or book. */
  subject: string
}

/**
 * Has the database itself write down every claim and completion of a job and every result that is stored. An effect
 * whose transaction is undone leaves no row.
 */
const RECORDER = /* sql */ `
create table if not exists effects (n bigserial primary key, kind text not null, subject uuid not null);
create or replace function note_job() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status and new.status in ('running', 'completed') then
    insert into effects (kind, subject)
      values (case new.status when 'running' then 'claimed' else 'completed' end, new.id);
  end if;
  return null;
end $$;
create or replace function note_result() returns trigger language plpgsql as $$
begin
  insert into effects (kind, subject) values (
    coalesce(to_jsonb(new)->>'kind', tg_argv[0]),
    coalesce(to_jsonb(new)->>'chapter_id', to_jsonb(new)->>'subject_id')::uuid
  );
  return null;
end $$;
create or replace trigger noted after update on processing_jobs for each row execute function note_job();
-- How many words a transcript has is filled in once they are all inserted.
create or replace trigger noted after insert on transcripts
  for each row execute function note_result('transcript');
create or replace trigger noted after insert or update on ai_outputs for each row execute function note_result();
create or replace trigger noted after insert or update on embeddings
  for each row when (new.chunk_index = 0) execute function note_result('embedding');
`

export async function recordEffects(stack: StackUnderTest): Promise<void> {
  await stack.query(RECORDER)
}

/** What was committed of one book, in that order. */
export async function effectsOf(stack: StackUnderTest, audiobookId: string): Promise<Effect[]> {
  return await stack.query<Effect & { n: string }>(
    `select kind, subject from effects
     where subject = $1
       or subject in (select id from chapters where audiobook_id = $1)
       or subject in (select id from processing_jobs where subject_id = $1)
     order by n`,
    [audiobookId],
  )
}

/** What a three-chapter book leaves when everything is done once. */
const ONCE = { completed: 8, transcript: 3, embedding: 3, summary: 1, tags: 1 }

/** What is wrong with a three-chapter book's effects: too few, too many, or work on a job that was finished. */
export function faultsIn(effects: readonly Effect[]): string[] {
  const kept = effects.filter(({ kind }) => kind !== 'claimed')
  const wrongCounts = Object.entries(ONCE).flatMap(([kind, expected]) => {
    const count = kept.filter((effect) => effect.kind === kind).length
    return count === expected ? [] : [`${kind}: committed ${count} times, not ${expected}`]
  })
  const repeated = kept.filter((effect, index) => kept.findIndex((other) => isSame(effect, other)) !== index)
  const ranAgain = effects.filter(
    ({ kind, subject }, index) =>
      kind === 'claimed' &&
      effects.slice(0, index).some((earlier) => isSame(earlier, { kind: 'completed', subject })),
  )
  return [
    ...wrongCounts,
    ...repeated.map(({ kind, subject }) => `${kind} of ${subject}: committed again`),
    ...ranAgain.map(({ subject }) => `job ${subject}: claimed after it was completed`),
  ]
}

function isSame(a: Effect, b: Effect): boolean {
  return a.kind === b.kind && a.subject === b.subject
}
