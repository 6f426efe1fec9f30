import { cancel, cancelWholeBook } from './cancel.ts'
import type { QueueCommand } from './commands.ts'
import { discard, discardMany } from './discard.ts'
import { drain } from './drain.ts'
import { listGroups } from './groups.ts'
import { listDeadLetters } from './list.ts'
import type { Outcome, QueueContext } from './outcome.ts'
import { pause, resume } from './pause.ts'
import { showProviders } from './providers.ts'
import { showQueues } from './queues.ts'
import { redrive } from './redrive.ts'
import { redriveMany } from './redrive-many.ts'
import { showRedrives, stop } from './redrives.ts'
import { showDeadLetter } from './show.ts'
import { showSpend } from './spend.ts'
import { why } from './why.ts'

/** Does what was asked for. Refusals are FatalErrors. */
export async function perform(command: QueueCommand, context: QueueContext): Promise<Outcome> {
  switch (command.kind) {
    case 'list':
      return await listDeadLetters(context, command)
    case 'groups':
      return await listGroups(context, command)
    case 'show':
      return await showDeadLetter(context, command)
    case 'redrive':
      return await redrive(context, command)
    case 'redrive-many':
      return await redriveMany(context, command)
    case 'redrives':
      return await showRedrives(context, command)
    case 'stop':
      return await stop(context, command)
    case 'discard':
      return await discard(context, command)
    case 'discard-many':
      return await discardMany(context, command)
    case 'queues':
      return await showQueues(context)
    case 'pause':
      return await pause(context, command)
    case 'drain':
      return await drain(context, command)
    case 'resume':
      return await resume(context, command)
    case 'providers':
      return await showProviders(context)
    case 'spend':
      return await showSpend(context, command)
    case 'why':
      return await why(context, command)
    case 'cancel':
      return await cancel(context, command)
    case 'cancel-book':
      return await cancelWholeBook(context, command)
  }
}
