/** The process of one contestant: does what it is told, one order after another, and ends with whoever started it. */
import { asError } from '@app/runtime'
import { PROGRAMS } from './contestant.ts'
import type { Order, Report } from './messages.ts'
import type { Task } from './task.ts'

process.on('message', (order: Order) => {
  void perform(order)
    .catch((error): Report => ({ failed: asError(error).stack ?? String(error) }))
    .then((report) => process.send?.(report))
})
// By exit, not by signal: a processor profile is written on the way.
process.on('disconnect', () => process.exit())

async function perform({ program, task: name, servers, options }: Order): Promise<Report> {
  const { tasks } = await PROGRAMS[program]()
  const task = (tasks as Record<string, Task>)[name]
  if (!task) throw new Error(`${program} has no task ${name}`)
  // The rows and the programs are both ours: which options a task takes is checked where it says so.
  return { sample: await task(servers, options as never) }
}
