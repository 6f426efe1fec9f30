import type { ProviderApi, Route } from './wire.ts'

interface Match {
  api: ProviderApi
  /** Undefined where the provider has nothing at this address. */
  route: Route | undefined
  params: Record<string, string>
}

const patterns = new WeakMap<Route, URLPattern>()

/** Whose address this is, and which of its routes. The provider's name is the first part of the path. */
export function matchRoute(
  providers: readonly ProviderApi[],
  method: string,
  pathname: string,
): Match | undefined {
  const api = providers.find(({ name }) => pathname.startsWith(`/${name}/`))
  if (!api) return undefined
  // Rev.ai's SDK joins its base and its paths by two slashes.
  const below = pathname.slice(api.name.length + 1).replace(/\/{2,}/g, '/')
  for (const route of api.routes) {
    const groups =
      route.method === method ? patternOf(route).exec({ pathname: below })?.pathname.groups : undefined
    if (groups) return { api, route, params: decoded(groups) }
  }
  return { api, route: undefined, params: {} }
}

function patternOf(route: Route): URLPattern {
  const pattern = patterns.get(route) ?? new URLPattern({ pathname: route.path })
  patterns.set(route, pattern)
  return pattern
}

function decoded(groups: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
  )
}
