import { randomUUID } from 'node:crypto'
import type { World } from './world.ts'

/** Inserts a job that waits for nothing, without input, of an owner and about a thing of its own. Returns its id. */
export async function insertOneJob(world: World, type: string): Promise<string> {
  const { ids } = await world.insert([
    {
      key: type,
      type,
      lane: 'normal',
      subjectKind: 'page',
      subjectId: randomUUID(),
      ownerId: randomUUID(),
      input: {},
      dependsOn: [],
    },
  ])
  return ids.get(type) ?? ''
}
