// Every setting that there is, with what is known about it, read off the schema: none can be forgotten.
import { z } from 'zod';
import { settingsSchema } from '../model/settings.ts';

export type SettingKind = 'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'list' | 'map' | 'group';

/** One setting, whatever its value is in some home. */
export interface SettingPlace {
  /** `log.level`; of any pool `pools.NAME.max`. */
  readonly path: string;
  /** `list`: also of groups of fields, which have no places of their own but those of pools. */
  readonly kind: SettingKind;
  /** The only values, or the only items of a list; empty: no such list. */
  readonly choices: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** May be null. */
  readonly nullable: boolean;
  /** `s` or `MiB`; `null`: none. */
  readonly unit: string | null;
  readonly description: string;
  /** Missing: there is none, it has to be given. */
  readonly fallback?: unknown;
  /** It is a setting only while the other one has one of these values; none: while it is not null. */
  readonly when: { readonly path: string; readonly is: readonly string[] } | null;
}

type Schema = z.core.JSONSchema.BaseSchema;
type When = SettingPlace['when'];

/** What is written for the name of any pool. */
export const anyPool = 'NAME';

/** It has one value only, and steps of its own. */
const fixed: readonly string[] = ['version'];

/** All places, in the order of the file. */
export const settingPlaces: readonly SettingPlace[] = joined(
  placesIn(z.toJSONSchema(settingsSchema, { io: 'input' }), '', null),
).filter(({ path }) => !fixed.includes(path));

/** What each of the first words of paths is about, in the order of the file. */
export const settingGroups: readonly { readonly path: string; readonly description: string }[] =
  Object.entries(z.toJSONSchema(settingsSchema, { io: 'input' }).properties ?? {})
    .filter(([path]) => !fixed.includes(path))
    .map(([path, schema]) => ({ path, description: wordsOf(schema) }));

/** Kinds of a group may have a field of the same name. */
function joined(places: readonly SettingPlace[]): readonly SettingPlace[] {
  const byPath = Map.groupBy(places, ({ path }) => path);
  return [...byPath.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const is = others.flatMap(({ when }) => when?.is ?? []);
    return [
      { ...first, when: first.when === null ? null : { ...first.when, is: [...first.when.is, ...is] } },
    ];
  });
}

function wordsOf(schema: Schema | boolean): string {
  return typeof schema === 'boolean' ? '' : (schema.description ?? '');
}

function kindsOf(schema: Schema): readonly Schema[] {
  const several = schema.anyOf ?? schema.oneOf;
  if (several === undefined) return [schema];
  return several.flatMap((one) => (typeof one === 'boolean' ? [] : kindsOf(one)));
}

function under(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

function placesIn(schema: Schema, path: string, when: When): readonly SettingPlace[] {
  const kinds = kindsOf(schema).filter(({ type }) => type !== 'null');
  const groups = kinds.filter(({ properties }) => properties !== undefined);
  if (groups.length > 0) {
    if (kinds.length === kindsOf(schema).length) return fieldsOf(groups, path, when);
    return [placeOf(schema, path, when), ...fieldsOf(groups, path, { path, is: [] })];
  }
  const items = kinds.find(({ type }) => type === 'array')?.items;
  const ofPools = path === 'pools' && typeof items === 'object' && !Array.isArray(items);
  return [placeOf(schema, path, when), ...(ofPools ? placesIn(items, `pools.${anyPool}`, null) : [])];
}

/** The fields of a group, or of several of which one field with a constant tells which it is. */
function fieldsOf(groups: readonly Schema[], path: string, when: When): readonly SettingPlace[] {
  const [first] = groups;
  const teller =
    groups.length < 2
      ? undefined
      : Object.keys(first?.properties ?? {}).find((name) =>
          groups.every((group) => constantOf(group, name) !== null),
        );
  if (teller === undefined) return groups.flatMap((group) => placesOfGroup(group, path, when));
  const choices = groups.flatMap((group) => constantOf(group, teller) ?? []);
  const kind: SettingPlace = {
    ...placeOf(fieldOf(first, teller), under(path, teller), when),
    ...{ kind: 'choice', choices },
  };
  return [
    kind,
    ...groups.flatMap((group) => {
      const is = constantOf(group, teller) ?? '';
      const others = Object.entries(group.properties ?? {}).filter(([name]) => name !== teller);
      return placesOfGroup({ ...group, properties: Object.fromEntries(others) }, path, {
        ...{ path: kind.path, is: [is] },
      });
    }),
  ];
}

function placesOfGroup({ properties = {} }: Schema, path: string, when: When): readonly SettingPlace[] {
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'boolean' ? [] : placesIn(field, under(path, name), when),
  );
}

function fieldOf(group: Schema | undefined, name: string): Schema {
  const field = group?.properties?.[name];
  return typeof field === 'object' ? field : {};
}

function constantOf(group: Schema, name: string): string | null {
  const { const: only } = fieldOf(group, name);
  return typeof only === 'string' ? only : null;
}

function placeOf(schema: Schema, path: string, when: When): SettingPlace {
  const kinds = kindsOf(schema);
  const main = kinds.find(({ type }) => type !== 'null') ?? schema;
  const items = typeof main.items === 'object' && !Array.isArray(main.items) ? main.items : undefined;
  const bound = (value: number | undefined): number | null =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;
  return {
    path,
    kind: kindOf(main),
    choices: (main.enum ?? items?.enum ?? []).map(String),
    minimum: bound(main.minimum),
    maximum: bound(main.maximum),
    nullable: kinds.length > 1 && kinds.some(({ type }) => type === 'null'),
    unit: typeof schema.unit === 'string' ? schema.unit : null,
    description: schema.description ?? '',
    ...('default' in schema ? { fallback: schema.default } : {}),
    when,
  };
}

function kindOf(schema: Schema): SettingKind {
  if (schema.enum !== undefined) return 'choice';
  switch (schema.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type;
    case 'array':
      return 'list';
    case 'object':
      return schema.properties === undefined ? 'map' : 'group';
    default:
      return 'text';
  }
}
