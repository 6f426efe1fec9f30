import { fileURLToPath } from 'node:url'

/**
 * Who may know whom. Type-only imports count: types are knowledge too.
 * Mind when writing a rule: Node's own modules resolve *without* `node:`, so '^node:fs' matches nothing at all.
 * scripts/boundaries.test.ts plants a violation for each rule and expects it to be caught.
 */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** A conformance suite is a test too, only called by the tests of each implementation. */
const TEST = '[.](test|conformance)[.](ts|mjs)$'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    only(
      'services-are-strangers',
      'Services meet on the bus, never by import.',
      { path: '^services/([^/]+)/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    only(
      'libs-do-not-know-services',
      'A lib that needs a service is a service.',
      { path: '^libs/' },
      { path: '^(services|apps)/' },
    ),
    only(
      'packages-are-entered-by-their-name',
      'Across packages `@app/<lib>` only: a relative path walks around the index that says what is public.',
      { path: '^((?:libs|services|apps)/[^/]+|infra|e2e|scripts|bench|chaos)/' },
      // From the root's own folders an import by name counts as local as well, and as aliased.
      {
        path: '^(libs|services|apps)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased'],
      },
    ),
    only(
      'contracts-is-a-leaf',
      'Contracts run in the browser too: zod, nothing of ours, nothing of Node.',
      { path: '^libs/contracts/', pathNot: TEST },
      { pathNot: '^libs/contracts/|node_modules/zod/' },
    ),
    only(
      'web-knows-contracts-only',
      'The web app talks HTTP.',
      { path: '^apps/web/' },
      { path: '^(services|libs/(?!contracts/))' },
    ),
    only(
      'e2e-is-a-client',
      'End-to-end tests see what a user sees: a running stack over HTTP.',
      { path: '^e2e/' },
      { path: '^services/' },
    ),

    // Layers: contracts ← runtime ← {db, bus, storage, media, net} ← providers ← language; flows, jobs ← services.
    // Platforms is pure, beside flows. Testkit sees all.
    only(
      'runtime-is-below-everything',
      'The process shell knows no database, no queue and no job.',
      { path: '^libs/runtime/' },
      { path: '^libs/(?!(runtime|contracts|testkit)/)' },
    ),
    only(
      'ports-are-strangers',
      'Database, bus, storage, media and net meet in providers, jobs and services, never in each other.',
      { path: '^libs/(db|bus|storage|media|net)/' },
      { path: '^libs/(?!(contracts|runtime|testkit)/)', pathNot: '^libs/$1/' },
    ),
    only(
      'providers-know-rows-and-limits',
      'Calls to providers keep limits and write down what they cost; they know nothing of jobs or of what is asked.',
      { path: '^libs/providers/' },
      { path: '^libs/(?!(contracts|runtime|db|bus|providers|testkit|sandbox)/)' },
    ),
    only(
      'language-asks-providers-only',
      'What reads text may ask a provider; rows and queues are for whoever calls it.',
      { path: '^libs/language/' },
      { path: '^libs/(?!(contracts|runtime|providers|language|testkit|sandbox)/)' },
    ),
    only(
      'bus-knows-no-postgres',
      'Postgres decides, Redis delivers: the transport must work without knowing what is decided.',
      { path: '^libs/bus/' },
      { path: 'node_modules/(pg|pg-[^/]+|kysely|@electric-sql)/' },
    ),
    only(
      'flows-are-pure',
      'A flow is a function from values to a job graph, drawn and tested without anything running.',
      { path: '^libs/flows/', pathNot: TEST },
      { pathNot: '^libs/(flows|contracts)/' },
    ),
    only(
      'platforms-are-pure',
      'What an address says is known from its text alone: the API asks at creation, when nobody may be reached.',
      { path: '^libs/platforms/', pathNot: TEST },
      { pathNot: '^libs/(platforms|contracts)/' },
    ),

    only(
      'plans-are-pure',
      'Planners take values and return values.',
      { path: '^services/[^/]+/src/plan/', pathNot: TEST },
      {
        path: [
          '^libs/(?!contracts/)',
          '^(node:)?(fs|child_process|https?|http2|net|tls|dgram|dns|timers|worker_threads)(/|$)',
          'node_modules/(ioredis|kysely|pg|pino)/',
        ],
      },
    ),
    only(
      'testkit-is-for-tests',
      'Test helpers must not ship.',
      { pathNot: `${TEST}|/src/testing/|^libs/testkit/|^e2e/` },
      { path: '^libs/testkit/|/src/testing/' },
    ),
    only(
      'sandbox-is-for-tests',
      'The stand-in for paid providers answers tests, benchmarks and the demo, and must never answer a service.',
      { pathNot: `${TEST}|/src/testing/|^libs/sandbox/|^(e2e|bench|chaos)/|^scripts/(demo|sandbox)` },
      { path: '^libs/sandbox/' },
    ),
    only(
      'sandbox-is-a-stranger',
      'What shared code with the adapters would share their mistakes.',
      { path: '^libs/sandbox/', pathNot: TEST },
      { path: '^libs/(?!(contracts|runtime|media|sandbox)/)|node_modules/(openai|@google|revai-node-sdk)/' },
    ),
    only(
      'peers-are-for-benchmarks',
      'Other job queues are here to be measured against, nothing else.',
      { pathNot: '^bench/' },
      { path: 'node_modules/(bullmq|graphile-worker|pg-boss)/' },
    ),
    only('no-cycles', 'A cycle is two modules that are really one.', {}, { circular: true }),
    only(
      'everything-resolves',
      'A rule matches resolved paths, so an import that resolves to nothing would pass them all.',
      {},
      { couldNotResolve: true },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: fileURLToPath(new URL('./tsconfig.json', import.meta.url)) },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
