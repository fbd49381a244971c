import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contract, requestNames } from '../../../main/contract/contract.ts';
import { openApiDocument } from '../../../main/serve/openapi.ts';
import { pathOf, routes } from '../../../main/serve/routes.ts';

const operationSchema = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.literal('query'),
        required: z.boolean(),
        // What may be nothing is one of two, and what has modes is one of several.
        schema: z.union([
          z.looseObject({ type: z.string() }),
          z.looseObject({ oneOf: z.array(z.looseObject({ type: z.literal('object') })) }),
          z.looseObject({ anyOf: z.array(z.looseObject({ type: z.string() })) }),
        ]),
      }),
    )
    .optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string().regex(/^\d{3}$|^default$/), z.unknown()),
});
const documentSchema = z.looseObject({
  openapi: z.string().regex(/^3\.1\./),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith('/'), z.record(z.enum(['get', 'post']), operationSchema.optional())),
  components: z.looseObject({ responses: z.record(z.string(), z.unknown()) }),
});

const document = documentSchema.parse(JSON.parse(JSON.stringify(openApiDocument())));
const operations = Object.values(document.paths).flatMap((methods) =>
  Object.values(methods).flatMap((operation) => (operation === undefined ? [] : [operation])),
);

describe('the OpenAPI document', () => {
  it.each(requestNames)('has %s, by the method of its kind', (name) => {
    const route = routes.find((candidate) => candidate.name === name);
    expect(route?.path).toBe(pathOf(name));
    const definition = contract[name];
    const hasSecrets = definition.kind === 'query' && definition.hasSecrets;
    const method = definition.kind === 'command' || hasSecrets ? 'post' : 'get';
    expect(document.paths[pathOf(name)]?.[method]?.operationId).toBe(name);
  });

  it('has no secret among the parameters of an address', () => {
    const secret = /secret|password|token|pasted/i;
    const named = operations.flatMap(({ operationId, parameters = [] }) =>
      parameters.filter(({ name }) => secret.test(name)).map(({ name }) => `${operationId} ${name}`),
    );
    expect(named).toEqual([]);
  });

  it('names every operation once', () => {
    const ids = operations.map((operation) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lists every input field', () => {
    const list = document.paths['/api/v1/job/list']?.get?.parameters ?? [];
    expect(list.map((parameter) => parameter.name)).toEqual(['status', 'project', 'limit']);
    const seed = JSON.stringify(document.paths['/api/v1/sandbox/seed']?.post?.requestBody);
    expect(seed).toContain('"maximum":200');
  });

  it('refers only to what it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1]);
    expect(references).toContain('#/components/responses/Failure');
    for (const reference of references) expect(reference).toBe('#/components/responses/Failure');
    expect(document.components.responses.Failure).toBeDefined();
  });

  it('asks for the token everywhere but at /health', () => {
    expect(JSON.stringify(document.security)).toBe('[{"token":[]}]');
    const open = operations.filter((operation) => JSON.stringify(operation.security) === '[]');
    expect(open.map((operation) => operation.operationId)).toEqual(['health']);
  });
});
