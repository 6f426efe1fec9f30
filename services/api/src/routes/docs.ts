import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ClipEvent, ClipMessage, TestMessage } from '@app/contracts'
import { z } from '@hono/zod-openapi'
import { named } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'

const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Scriptorium',
    version: '1.0.0',
    description: [
      'Make jobs of videos’ URLs and be told how they end; or upload a recording, make an audiobook of it, watch its ' +
        'jobs, read and search the text.',
      'Every refusal is `{error: {code, message, details?}}`: `code` is for programs, `message` for people, `details` ' +
        'names the fields. Beside those of each route: 404 `not-found` where there is nothing, 405 ' +
        '`method-not-allowed` with `Allow`, 500 `internal`; `X-Request-Id` finds it in the log.',
      'Long lists have pages: `page` from 1, `page_size` up to 100, and `total` in the answer. API keys with a rate are told ' +
        'in `RateLimit` what is left. `Retry-After` says when to come again, where that is known.',
      'Signed addresses of media are good for an hour. They take `Range`, `If-Range` and `If-None-Match`.',
    ].join('\n\n'),
  },
}

const FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** Swagger UI sets styles and pictures of its own; scripts come from here and nowhere else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The OpenAPI document, made from the schemas that requests are checked by, and a page to read it on. */
export function docsRoutes(app: ApiApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A user’s token; for jobs, webhooks and search also an API key, `sk_…`',
  })
  describeMessages(app)
  let document: string | undefined
  app.get('/openapi.json', (c) => {
    // Made once: it takes some 40 ms, and anybody may ask for it.
    document ??= JSON.stringify(app.getOpenAPI31Document(ABOUT))
    return c.body(document, 200, { 'content-type': 'application/json' })
  })

  // What `npm start` prints, and what people type; relative, for a proxy may serve us below a path of its own.
  app.get('/', (c) => c.redirect('docs'))
  app.get('/docs/', (c) => c.redirect('../docs'))
  app.get('/docs', (c) => {
    c.header('content-security-policy', POLICY)
    return c.html(PAGE)
  })
  app.get('/docs/start.js', (c) => {
    c.header('content-type', 'text/javascript; charset=utf-8')
    return c.body(START)
  })
  for (const [name, contentType] of Object.entries(FILES)) {
    const bytes = readFileSync(join(swaggerDirectory(), name))
    app.get(`/docs/${name}`, (c) => {
      c.header('content-type', contentType)
      c.header('cache-control', 'public, max-age=86400')
      return c.body(bytes)
    })
  }
}

/** What no answer of a route shows: events of streams, and webhooks' messages. */
function describeMessages({ openAPIRegistry }: ApiApp): void {
  openAPIRegistry.register('ClipEvent', named('ClipEvent', ClipEvent))
  const message = (name: string, schema: typeof ClipMessage | typeof TestMessage, summary: string) =>
    openAPIRegistry.registerWebhook({
      ...{ method: 'post', path: name, tags: ['webhooks'], summary },
      description:
        'Signed as Standard Webhooks says. A receiver answers 2xx within 20 seconds; may come twice.',
      request: { headers: SIGNATURE, body: { content: { 'application/json': { schema } } } },
      responses: { '2XX': { description: 'It is taken: not to be sent again' } },
    })
  message('job', named('ClipMessage', ClipMessage), 'A job of the owner has changed')
  message('test', named('TestMessage', TestMessage), 'Somebody tries the webhook out')
}

const SIGNATURE = z.object({
  'webhook-id': z.string().meta({ description: 'The same at every try' }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since 1970' }),
  'webhook-signature': z
    .string()
    .meta({ description: '`v1,` and base64, one for each secret that is good now' }),
})

function swaggerDirectory(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scriptorium: HTTP API</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

const START =
  "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#page', deepLinking: true, persistAuthorization: false, validatorUrl: null })\n"
