export const USAGE = `npm run queue -- <command> [options]

Looking
  queues                              what waits and runs in each queue, since when, and who works on it
  list                                the open dead letters, oldest first
    [--queue Q] [--group F] [--code C] [--limit N]
  groups [--queue Q] [--code C]       the same by what went wrong, the most frequent first
  show <dead letter or job id>        one dead letter with its stack, and what became of it
  why <job id>                        why a job does not run
  redrives [<redrive id>]             the last redrives, or how far one is
  providers                           the remote providers: their models, and what is stopped and why
  spend [--days N]                    what calls to them cost, day by day (default 7)

Dead letters
  redrive <dead letter or job id>     gives a failed or cancelled job a new life, with all its attempts
  redrive --group F | --queue Q | --all
    [--per-second N] [--stop-at S]    the same for many, 10 a second, until over 20 % have failed again
    [--no-wait]                       leaves the rest to the running services
  stop <redrive id>                   gives nothing back any more
  discard <dead letter id> --reason R says that it will not be run again, and why; the job stays failed
  discard --group F | --queue Q | --all --reason R

Running
  pause <queue> [--reason R]          stops the starts of its jobs; what runs goes on
  drain <queue> [--reason R]          the same, and waits until nothing of it runs, an hour at most
    [--timeout T]                     (90s, 10m, 2h); the queue stays paused either way
  resume <queue>                      lets its jobs start again
  cancel <job id>                     cancels a job that has not ended
  cancel --book <audiobook id>        cancels all of a book's

  help                                this page
  --json                              for programs: one line of JSON, with any command
  --data-dir DIR                      the stack that \`npm start\` keeps there (default .data)

A group is what \`groups\` shows: the fingerprint of what went wrong.
DATABASE_URL and REDIS_URL win over the running stack; QUEUE_PREFIX is the prefix of its Redis keys.
Exit status: 0 done, 1 refused (an unknown id, a job in the wrong state) or not done in time, 2 not understood,
3 no database.`
