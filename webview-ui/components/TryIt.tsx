import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Failure } from '../../src/contracts/errors.ts';
import type { Cell, ModelInput, Predictions, Row, Signature } from '../../src/contracts/model.ts';
import { Button, Dropdown, LinkButton, TextField } from './controls.tsx';
import { figure, percent } from './format.ts';
import { Banner, Card, Prose } from './layout.tsx';
import { installStyles } from './styles.ts';

installStyles(`
.inputs { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 12px 16px; margin: 20px 0 0; }
.inputs .name { font-weight: 600; overflow-wrap: anywhere; margin-bottom: 2px; } .inputs .hint { color: var(--muted); font-size: 0.9em; } .inputs .problem { color: var(--bad); }
.outcome { border: 1px solid var(--line); border-left: 3px solid var(--accent); margin-top: 16px; padding: 12px 16px; } .outcome .value { font-size: 1.6em; font-weight: 600; overflow-wrap: anywhere; }
.chance { display: grid; grid-template-columns: minmax(60px, max-content) 1fr 64px; gap: 4px 12px; align-items: center; margin-top: 8px; } .chance .track { height: 8px; background: var(--line); } .chance .track > div { height: 100%; background: var(--accent); } .chance .number { text-align: right; font-variant-numeric: tabular-nums; }
`);

interface Props {
  signature: Signature;
  /** What stands in the fields that were touched, by input name. */
  fields: Record<string, string>;
  setFields(fields: Record<string, string>): void;
  /** Asks for a prediction of one row; the ticket tells its answer from those before. */
  predict(ticket: number, row: Row): void;
  prediction: Predictions | null;
  /** What was wrong with the last row; `place.field` names the input. */
  wrong: Failure | null;
  /** Said below a prediction, for example which version gave it. */
  note?: string;
  /** Why nothing can be predicted now. */
  closed?: string;
}

/** A form made of the model's signature, filled with typical values. */
export function TryIt({ signature, fields, setFields, predict: ask, prediction, wrong, note, closed }: Props): JSX.Element {
  const ticket = useRef(0);
  const text = (input: ModelInput): string => fields[input.name] ?? (input.typical === null ? '' : String(input.typical));
  const predict = (): void => {
    if (closed === undefined) {
      ticket.current += 1;
      ask(ticket.current, Object.fromEntries(signature.inputs.map((input) => [input.name, valueOf(input, text(input))])));
    }
  };
  const field = wrong?.place?.field;
  const inField = field !== undefined && signature.inputs.some((input) => input.name === field);
  return (
    <Card title="Try it">
      <p class="muted">{closed ?? 'The fields hold typical values. Change some and predict.'}</p>
      <div class="actions">
        <Button primary disabled={closed !== undefined} onClick={predict}>
          Predict
        </Button>
        {Object.keys(fields).length === 0 ? null : <LinkButton onClick={() => setFields({})}>Back to typical values</LinkButton>}
      </div>
      {wrong === null || inField ? null : (
        <div style={{ marginTop: '12px' }}>
          <Banner kind="error">
            <Prose text={wrong.message} />
          </Banner>
        </div>
      )}
      {prediction === null ? null : <Outcome prediction={prediction} signature={signature} note={note} />}
      <div class="inputs">
        {signature.inputs.map((input) => (
          <div key={input.name}>
            <div class="name">{input.name}</div>
            <InputField input={input} value={text(input)} onChange={(value) => setFields({ ...fields, [input.name]: value })} onEnter={predict} />
            {field === input.name ? (
              <div class="problem" role="alert">
                <Prose text={wrong?.message ?? ''} />
              </div>
            ) : (
              <div class="hint">{hintOf(input)}</div>
            )}
          </div>
        ))}
      </div>
    </Card>
  );
}

function InputField({ input, value, onChange, onEnter }: { input: ModelInput; value: string; onChange(value: string): void; onEnter(): void }): JSX.Element {
  const empty = input.optional ? [{ value: '', label: '(missing)' }] : [];
  if (input.type === 'boolean') {
    return <Dropdown label={input.name} value={value} options={[...empty, { value: 'true', label: 'true' }, { value: 'false', label: 'false' }]} onChange={onChange} />;
  }
  if (input.type === 'text' && (input.categories ?? []).length > 0 && (input.categories ?? []).length <= 60) {
    const known = (input.categories ?? []).map((category) => ({ value: category, label: category }));
    return <Dropdown label={input.name} value={value} options={[...empty, ...known]} onChange={onChange} />;
  }
  return <TextField label={input.name} value={value} placeholder={input.optional ? '(missing)' : ''} onInput={onChange} onEnter={onEnter} />;
}

function hintOf(input: ModelInput): string {
  switch (input.type) {
    case 'number':
      return input.minimum === undefined ? 'a number' : `${figure(input.minimum)} to ${figure(input.maximum)} in training`;
    case 'date':
      return 'a date such as 2024-12-31';
    case 'boolean':
      return '';
    case 'text':
      return (input.categories ?? []).length > 60 ? 'any text' : '';
  }
}

/** What stands in a field as the value that it means; what is no number stays text, so that the model names the field. */
function valueOf(input: ModelInput, text: string): Cell {
  const trimmed = text.trim();
  if (trimmed === '' && (input.optional || input.type !== 'text')) {
    return null;
  }
  switch (input.type) {
    case 'number':
      return Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : text;
    default:
      return text;
  }
}

function Outcome({ prediction, signature, note }: { prediction: Predictions; signature: Signature; note: string | undefined }): JSX.Element {
  const value = prediction.predictions[0];
  const chances = Object.entries(prediction.probabilities?.[0] ?? {}).sort(([, a], [, b]) => b - a);
  return (
    <div class="outcome" aria-live="polite">
      <div class="muted">Predicted {signature.output.name}</div>
      <div class="value" title={String(value)}>
        {typeof value === 'number' ? figure(value) : value}
      </div>
      {note === undefined ? null : <div class="muted">{note}</div>}
      {chances.length === 0 ? null : (
        <div class="chance">
          {chances.slice(0, 20).map(([name, chance]) => (
            <>
              <span>{name}</span>
              <div class="track">
                <div style={{ width: `${chance * 100}%` }} />
              </div>
              <span class="number" title={String(chance)}>
                {percent(chance)}
              </span>
            </>
          ))}
        </div>
      )}
    </div>
  );
}
