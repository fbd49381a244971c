// GitLab's limits on GraphQL queries: length, complexity, depth.
// The count follows app/graphql/types/base_field.rb: a field costs 1 and its children; a connection with a resolver
// costs one more for each hundred of the items asked for.
import { getNamedType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql';
import type { FieldNode, ValueNode } from 'graphql';

export const MAX_QUERY_CHARACTERS = 10_000;
export const MAX_PAGE = 100;
const MAX_DEPTH = 20;

/** 250 for people with a token, 200 for others (https://docs.gitlab.com/api/graphql/#limits). */
export function maxComplexity(signedIn: boolean): number {
  return signedIn ? 250 : 200;
}

export interface Cost {
  readonly complexity: number;
  readonly depth: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** What the document's operation costs; the document is valid. */
export function measureQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Variables,
): Cost {
  const fragments = fragmentsOf(document);
  const operation = document.definitions.find(
    (node) =>
      node.kind === Kind.OPERATION_DEFINITION &&
      (operationName === undefined || node.name?.value === operationName),
  );
  const query = schema.getQueryType();
  if (operation?.kind !== Kind.OPERATION_DEFINITION || query === undefined || query === null) {
    return { complexity: 0, depth: 0 };
  }
  const measure = (selections: SelectionSetNode | undefined, type: GraphQLNamedType): Cost => {
    let complexity = 0;
    let depth = 0;
    for (const selection of selections?.selections ?? []) {
      const cost = measureSelection(selection, type);
      complexity += cost.complexity;
      depth = Math.max(depth, cost.depth);
    }
    return { complexity, depth };
  };
  const measureSelection = (
    selection: SelectionSetNode['selections'][number],
    type: GraphQLNamedType,
  ): Cost => {
    if (selection.kind === Kind.FIELD) return measureField(selection, type);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed =
        selection.typeCondition === undefined ? type : schema.getType(selection.typeCondition.name.value);
      return measure(selection.selectionSet, narrowed ?? type);
    }
    return measureFragment(selection.name.value, type);
  };
  // Once for each: fragments that use one another twice would double the work at every level.
  const known = new Map<string, Cost>();
  const measureFragment = (name: string, type: GraphQLNamedType): Cost => {
    const fragment = fragments.get(name);
    const onType = fragment === undefined ? undefined : schema.getType(fragment.typeCondition.name.value);
    const cost = known.get(name) ?? measure(fragment?.selectionSet, onType ?? type);
    known.set(name, cost);
    return cost;
  };
  const measureField = (field: FieldNode, parent: GraphQLNamedType): Cost => {
    const name = field.name.value;
    // Introspection is measured apart by GitLab; here it is free.
    if (name.startsWith('__')) return { complexity: 0, depth: 0 };
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (definition === undefined) return { complexity: 1, depth: 1 };
    const type = getNamedType(definition.type);
    const children = measure(field.selectionSet, type);
    const own = children.complexity + 1;
    const paged = type.name.endsWith('Connection');
    const complexity = paged ? Math.floor(own + own * pageSize(field, variables) * 0.01) : own;
    return { complexity, depth: children.depth + 1 };
  };
  return measure(operation.selectionSet, query);
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}

function pageSize(field: FieldNode, variables: Variables): number {
  const asked = (field.arguments ?? [])
    .filter((argument) => argument.name.value === 'first' || argument.name.value === 'last')
    .flatMap((argument) => numberOf(argument.value, variables));
  return Math.min(MAX_PAGE, ...asked);
}

function numberOf(value: ValueNode, variables: Variables): number[] {
  const found =
    value.kind === Kind.INT
      ? Number(value.value)
      : value.kind === Kind.VARIABLE
        ? variables[value.name.value]
        : undefined;
  return typeof found === 'number' ? [found] : [];
}

/** Why a query is refused, in GitLab's words; `null` when it is not. */
export function refuseCost(cost: Cost, signedIn: boolean): string | null {
  const limit = maxComplexity(signedIn);
  if (cost.complexity > limit) {
    return `Query has complexity of ${cost.complexity}, which exceeds max complexity of ${limit}`;
  }
  if (cost.depth > MAX_DEPTH)
    return `Query has depth of ${cost.depth}, which exceeds max depth of ${MAX_DEPTH}`;
  return null;
}
