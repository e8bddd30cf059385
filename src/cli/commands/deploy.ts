import { existingProject, required, withClient, type Command } from '../context.ts';

export const deploy: Command = {
  name: 'deploy',
  positionals: '<model[@alias|/version]>',
  summary: 'Serve a model over HTTP on this machine',
  options: {
    name: { value: 'NAME', help: 'The endpoint; one of this name serves this version instead (the model’s name)' },
    port: { value: 'P', help: 'The port on 127.0.0.1; a free one by default' },
    workers: { value: 'N', help: 'How many processes answer requests (2)' },
    weight: { value: 'W', help: 'Answer W percent of the requests, beside what the endpoint serves' },
    shadow: { help: 'Get a copy of every request; what it predicts is logged, never returned' },
    'no-key': { help: 'Ask for no key' },
    durable: { help: 'Answer only once the prediction is on disk' },
  },
  async run(context) {
    const { arguments: given } = context;
    const model = required(context, 0, '<model>');
    const project = await existingProject(context);
    const [name, port, workers, weight] = [given.text('name'), given.integer('port', 1, 65_535), given.integer('workers', 1, 32), given.integer('weight', 1, 100)];
    const { endpoint, key } = await withClient(context, project, (client) =>
      client.deploy({
        model,
        ...(name === undefined ? {} : { name }),
        ...(port === undefined ? {} : { port }),
        ...(workers === undefined ? {} : { workers }),
        ...(weight === undefined ? {} : { weight }),
        ...(given.flag('shadow') ? { shadow: true } : {}),
        ...(given.flag('no-key') ? { key: false } : {}),
        ...(given.flag('durable') ? { log: { durable: true } } : {}),
      }),
    );
    const deployed = endpoint.history[0]?.versions.at(-1)?.version ?? null;
    context.result(
      { endpoint: endpoint.name, url: endpoint.url, version: deployed, key, versions: endpoint.versions, state: endpoint.state },
      [`${endpoint.name} serves version ${String(deployed)} at ${endpoint.url}.`, ...(key === null ? [] : [`Its key, shown only now: ${key}`, 'Send it as the header "Authorization: Bearer <key>".'])].join('\n'),
    );
    return 0;
  },
};
