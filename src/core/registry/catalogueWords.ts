import { keyed, listed, numeric, textual, type Vocabulary } from '../tracking/api.ts';

/** What registered models are searched by. */
export const modelWords: Vocabulary = {
  what: 'registered models',
  prefixes: { attribute: 'attribute', attributes: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: { sql: 'registry_models.name', type: 'text', operators: listed },
    creation_timestamp: { sql: 'registry_models.created', type: 'number', filter: false },
    timestamp: { sql: 'registry_models.updated', type: 'number', filter: false },
    last_updated_timestamp: { sql: 'registry_models.updated', type: 'number', filter: false },
  },
  keyed: { tag: { type: 'text', operators: textual, sql: withoutPrompts('registry_model_tags', 'each.name = registry_models.name'), value: null } },
};

/** What versions are searched by. */
export const versionWords: Vocabulary = {
  what: 'model versions',
  prefixes: { attribute: 'attribute', attributes: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: { sql: 'registry_versions.name', type: 'text', operators: listed },
    run_id: { sql: 'registry_versions.run_id', type: 'text', operators: listed },
    source_path: { sql: 'registry_versions.source', type: 'text' },
    version_number: { sql: 'registry_versions.version', type: 'number', operators: numeric },
    creation_timestamp: { sql: 'registry_versions.created', type: 'number', filter: false },
    last_updated_timestamp: { sql: 'registry_versions.updated', type: 'number', filter: false },
  },
  keyed: { tag: { type: 'text', operators: textual, sql: withoutPrompts('registry_version_tags', 'each.name = registry_versions.name AND each.version = registry_versions.version'), value: null } },
};

/** The tag that makes a registered model a prompt. */
const promptTag = 'mlflow.prompt.is_prompt';

/** That this tag is not 'true' holds also for what has no such tag: clients leave out prompts that way. */
function withoutPrompts(table: string, same: string): ReturnType<typeof keyed> {
  const there = keyed(table, same);
  return (key, value, bindings) => {
    const test = value.of('each.value');
    const plain = there(key, { ...value, of: () => test }, bindings);
    return test.startsWith('each.value != ') ? `(${plain} OR (${key} = '${promptTag}' AND ${there(key, { ...value, kind: 'missing' }, bindings)}))` : plain;
  };
}
