const MOST = 10

/** A model's tags as ours are: lower case, without a hash, each once, at most ten. */
export const tidyTags = (tags: readonly string[]): string[] =>
  tidyTopics(tags.map((tag) => tag.toLowerCase().replace(/^#+/, '')))

/** Each once, in whatever case, at most ten. */
export function tidyTopics(topics: readonly string[]): string[] {
  const once = new Map<string, string>()
  for (const topic of topics.map((each) => each.replace(/\s+/g, ' ').trim())) {
    const name = topic.toLowerCase()
    if (topic !== '' && !once.has(name)) once.set(name, topic)
  }
  return [...once.values()].slice(0, MOST)
}
