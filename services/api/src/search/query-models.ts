import type { Db } from '@app/db'
import type { EmbeddingModel, Embeddings } from '@app/language'
import { laggingModels } from '../queries/lagging-models.ts'

/** How long an answer holds: chapters change models in the background, for minutes or days. */
const HOLDS_MS = 30_000

/** What queries are embedded by: the model that embeds now, and earlier ones that some book is still searched by. */
export interface QueryModels {
  current: Embeddings
  earlier: () => Promise<Embeddings[]>
}

/** Asks Postgres now and then which earlier models still have chapters that the current one has not. */
export function createQueryModels(
  db: Db,
  current: Embeddings,
  earlierEmbeddings: (model: EmbeddingModel) => Embeddings | undefined = () => undefined,
): QueryModels {
  let asked: { at: number; models: Promise<Embeddings[]> } | undefined
  return {
    current,
    async earlier() {
      const now = performance.now()
      if (!asked || now - asked.at > HOLDS_MS) asked = { at: now, models: find() }
      const { models } = asked
      return await models.catch((error) => {
        if (asked?.models === models) asked = undefined
        throw error
      })
    },
  }

  async function find(): Promise<Embeddings[]> {
    const lagging = await laggingModels(db, current)
    return lagging.map(earlierEmbeddings).filter((embeddings) => embeddings !== undefined)
  }
}
