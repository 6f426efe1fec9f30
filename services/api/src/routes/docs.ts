import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ApiApp } from '../http/env.ts'

const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Scriptorium',
    version: '1.0.0',
    description:
      'Upload a recording, make an audiobook of it, watch its jobs, read and search the text. ' +
      'Every refusal is `{error: {code, message, details?}}`.',
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
  app.get('/openapi.json', (c) => c.json(app.getOpenAPI31Document(ABOUT)))

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
