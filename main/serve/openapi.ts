// The contract as an OpenAPI 3.1 document: https://spec.openapis.org/oas/v3.1.1.html
import { z } from 'zod';
import { contract, requestNames } from '../contract/contract.ts';
import type { RequestName } from '../contract/contract.ts';
import { errorSchema } from '../contract/error.ts';
import { oldRoutes, routes } from './routes.ts';
import type { Route } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const entries = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  // The dialect is OpenAPI's own and is said once for the whole document.
  return Object.fromEntries(entries.filter(([name]) => name !== '$schema'));
}

function parametersOf(name: RequestName): readonly Json[] {
  const { properties, required } = objectSchema.parse(jsonSchema(contract[name].input, 'input'));
  return Object.entries(properties).map(([field, { description, ...schema }]) => ({
    name: field,
    in: 'query',
    required: required.includes(field),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function answered(description: string, content: Json): Json {
  return { description, content };
}

function answersOf(route: Route): Json {
  const schema = jsonSchema(contract[route.name].output, 'output');
  const answer = {
    type: 'object',
    properties: { ok: { const: true }, value: schema },
    required: ['ok', 'value'],
  };
  const failed = { $ref: '#/components/responses/Failure' };
  const good =
    route.kind === 'call'
      ? answered('The answer', { 'application/json': { schema: answer } })
      : answered('Items until the matter ends; the data of every event is one item', {
          'text/event-stream': { schema: { type: 'string' } },
          'application/x-ndjson': { schema: answer },
        });
  return { '200': good, default: failed };
}

function operationOf(route: Route, old: boolean): Json {
  const { summary, input } = contract[route.name];
  const takes =
    route.method === 'get'
      ? { parameters: parametersOf(route.name) }
      : { requestBody: { content: { 'application/json': { schema: jsonSchema(input, 'input') } } } };
  return {
    operationId: old ? `${route.name}.old` : route.name,
    summary,
    tags: [route.name.split('.')[0]],
    ...(old ? { deprecated: true } : {}),
    ...takes,
    responses: answersOf(route),
  };
}

const plainAnswer = (description: string, properties: Json): Json =>
  answered(description, { 'application/json': { schema: { type: 'object', properties } } });

const ownPaths: Json = {
  '/health': {
    get: {
      operationId: 'health',
      summary: 'Whether the core lives; needs no token',
      security: [],
      responses: { '200': plainAnswer('It lives', { status: { const: 'ok' } }) },
    },
  },
  '/ready': {
    get: {
      operationId: 'ready',
      summary: 'Whether the engine and GitLab can be reached',
      responses: {
        '200': plainAnswer('Ready', { status: { const: 'ready' } }),
        '503': plainAnswer('Not ready', { reasons: { type: 'array', items: { type: 'string' } } }),
      },
    },
  },
};

/** The whole document. */
export function openApiDocument(): Json {
  const operations = [
    ...routes.map((route) => [route.path, { [route.method]: operationOf(route, false) }] as const),
    ...oldRoutes.map((route) => [route.path, { [route.method]: operationOf(route, true) }] as const),
  ];
  const failure = {
    type: 'object',
    properties: { ok: { const: false }, error: jsonSchema(errorSchema, 'output') },
    required: ['ok', 'error'],
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'AutoGit',
      version: '1',
      description: 'What only reads may also be sent by POST with its input as JSON.',
    },
    security: [{ token: [] }],
    tags: [...new Set(requestNames.map((name) => name.split('.')[0]))].map((name) => ({ name })),
    paths: { ...Object.fromEntries(operations), ...ownPaths },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Failure: answered('It failed; the key says why', { 'application/json': { schema: failure } }),
      },
    },
  };
}
