import { setTimeout as pause } from 'node:timers/promises';
import type { ComparedPart, Decision, RetrainingState } from '../../contracts/retraining.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { score, table } from '../format.ts';

/** How often a decision is looked at. In milliseconds. */
const lookEvery = 300;

export const retrain: Command = {
  name: 'retrain',
  positionals: '<retraining|model> | list | show <id> | promote <id> | discard <id>',
  summary: 'Train a challenger, compare it fairly with the champion, and decide',
  options: {
    'no-wait': { help: 'Start it and end; "retrain show" tells how it went' },
  },
  async run(context) {
    const first = required(context, 0, '<retraining|model>');
    const project = await existingProject(context);
    return withClient(context, project, async (client) => {
      switch (first) {
        case 'list':
          return list(context, client);
        case 'show':
          return show(context, await client.decision(required(context, 1, '<id>')));
        case 'promote':
        case 'discard':
          return show(context, await client.answerDecision(required(context, 1, '<id>'), { answer: first }));
        default:
          return start(context, client, first);
      }
    });
  },
};

async function start(context: Context, client: ProjectClient, name: string): Promise<number> {
  const started = await client.retrain({ retraining: name, detail: 'Started from the command line.' });
  if (context.arguments.flag('no-wait')) {
    return show(context, started);
  }
  const cancel = (): void => void client.cancel(started.decision_id);
  context.signal.addEventListener('abort', cancel, { once: true });
  let said = '';
  for (;;) {
    const decision = await client.decision(started.decision_id);
    const step = decision.steps.filter(({ status }) => status === 'running' || status === 'done' || status === 'failed').at(-1);
    const line = step === undefined ? '' : step.status === 'running' ? `${step.name}…` : `${step.name}: ${step.message}`;
    if (line !== said) {
      said = line;
      context.log(line);
    }
    if (decision.status !== 'running') {
      return show(context, decision);
    }
    await pause(lookEvery);
  }
}

async function list(context: Context, client: ProjectClient): Promise<number> {
  const [retrainings, decisions] = await Promise.all([client.retrainings(), client.decisions()]);
  const text = [
    retrainings.length === 0 ? 'ml.yaml has no entries under `retraining`.' : table(['retraining', 'model', 'starts', 'promotion', 'state'], retrainings.map((each) => [each.name, each.model, each.triggers.join(', ') || 'by hand', each.promotion, stateOf(each)])),
    ...(decisions.length === 0 ? [] : ['', table(['decision', 'retraining', 'created', 'verdict', 'outcome'], decisions.map((each) => [each.decision_id, each.retraining, dateOf(each.created), each.comparison?.verdict ?? '', each.outcome]))]),
  ];
  context.result({ retrainings, decisions }, text.join('\n'));
  return 0;
}

function stateOf({ running, problem, cooling_until, next_schedule }: RetrainingState): string {
  if (problem !== null || running !== null) {
    return problem ?? 'running';
  }
  return cooling_until !== null ? `cools down until ${dateOf(cooling_until)}` : next_schedule !== null ? `next ${dateOf(next_schedule)}` : 'waits';
}

/** 0 when it was decided, whatever the verdict, or still runs; 1 when a step failed. */
function show(context: Context, decision: Decision): number {
  context.result(decision, described(decision));
  return decision.status === 'failed' || decision.status === 'cancelled' ? 1 : 0;
}

function described({ decision_id, model, retraining, trigger, outcome, sentence, steps, comparison, champion, challenger }: Decision): string {
  const parts = comparison === null ? [] : [comparison.newest, comparison.old, ...comparison.slices].filter((part): part is ComparedPart => part !== null);
  const who = (version: number | null | undefined, label: string): string => (version === null || version === undefined ? label : `${label} (version ${version})`);
  return [
    `${decision_id}  ${model}${retraining === model ? '' : ` (${retraining})`}: ${outcome}`,
    ...(sentence === '' ? [] : [sentence]),
    ...(comparison?.reasons ?? []).filter((reason) => !sentence.includes(reason)).map((reason) => `- ${reason}`),
    `- Why it started: ${trigger.detail}`,
    ...(comparison === null ? [] : [`- Of ${comparison.rows.offered.toLocaleString('en')} rows the champion had seen ${comparison.rows.seen_by_champion.toLocaleString('en')}, the challenger ${comparison.rows.seen_by_challenger.toLocaleString('en')}; ${comparison.rows.compared.toLocaleString('en')} were compared${comparison.from === null ? '' : `, the newest from ${comparison.from} to ${comparison.to ?? ''}`}.`]),
    ...(parts.length === 0 ? [] : ['', table([comparison?.metric ?? '', 'rows', who(champion?.version, 'champion'), who(challenger?.version, 'challenger'), 'gain', 'interval', 'holds'], parts.map((part) => [part.name, String(part.rows), figure(part.champion), figure(part.challenger), part.gain === null ? '' : score(part.gain.value), part.gain === null ? '' : `${score(part.gain.low)} to ${score(part.gain.high)}`, part.holds === null ? (part.note ?? '') : part.holds ? 'yes' : 'no']))]),
    '',
    ...steps.map((step) => `${step.name.padEnd(8)}  ${step.status.padEnd(7)}  ${(step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`).padStart(7)}  ${step.message}`.trimEnd()),
    ...(outcome === 'proposed' ? ['', `To promote it: ml-lifecycle retrain promote ${decision_id}`] : []),
  ].join('\n');
}

function figure(value: number | null): string {
  return value === null ? '' : score(value);
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}
