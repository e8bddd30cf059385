// The options of the script, each with a tick and what it is varied over.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TuneParameter } from '../../src/contracts/panels/tune.ts';
import { Button, Checkbox, Dropdown, LinkButton, TextField } from '../components/controls.tsx';

interface Props {
  parameters: readonly TuneParameter[];
  problems(field: string): string[];
  onChange(index: number, part: Partial<TuneParameter>): void;
  onAdd(parameter: TuneParameter): void;
  onRemove(index: number): void;
}

const kinds = [
  { value: 'float', label: 'number' },
  { value: 'int', label: 'whole number' },
  { value: 'choice', label: 'one of a list' },
  { value: 'flag', label: 'switch' },
];

export function SpaceTable({ parameters, problems, onChange, onAdd, onRemove }: Props): JSX.Element {
  return (
    <>
      {parameters.length === 0 ? null : (
        <div class="scroll">
          <table class="space">
            <thead>
              <tr>
                <th>Option</th>
                <th class="number">Default</th>
                <th>Values</th>
              </tr>
            </thead>
            <tbody>
              {parameters.map((parameter, index) => (
                <tr key={parameter.option} class={parameter.vary ? '' : 'out'}>
                  <td class="tight">
                    <Checkbox checked={parameter.vary} onChange={(vary) => onChange(index, { vary })}>
                      <code>{parameter.option}</code>
                    </Checkbox>
                  </td>
                  <td class="number">{parameter.default ?? <span class="muted">–</span>}</td>
                  <td class="range">
                    {parameter.vary ? <Range parameter={parameter} onChange={(part) => onChange(index, part)} /> : <span class="muted">stays as it is</span>}
                    {parameter.typed ? <LinkButton onClick={() => onRemove(index)}>Remove</LinkButton> : null}
                    {parameter.vary && parameter.hint !== '' ? <div class="hint">{parameter.hint}</div> : null}
                    {parameter.vary
                      ? problems(parameter.name).map((message) => (
                          <div key={message} class="problem" role="alert">
                            {message}
                          </div>
                        ))
                      : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <AddOption taken={parameters.map(({ option }) => option)} onAdd={onAdd} />
    </>
  );
}

function Range({ parameter, onChange }: { parameter: TuneParameter; onChange(part: Partial<TuneParameter>): void }): JSX.Element {
  const { name, kind, low, high, log, step, values, typed } = parameter;
  return (
    <div class="ends">
      {typed ? <Dropdown inline label={`Kind of ${name}`} value={kind} options={kinds} onChange={(next) => onChange({ kind: next as TuneParameter['kind'] })} /> : null}
      {kind === 'flag' ? <span>set or not set</span> : null}
      {kind === 'choice' ? (
        <span class="valuesfield">
          <TextField label={`Values of ${name}`} value={values} placeholder="a, b, c" onInput={(text) => onChange({ values: text })} />
        </span>
      ) : null}
      {kind === 'float' || kind === 'int' ? (
        <>
          <TextField label={`Least ${name}`} value={low} onInput={(text) => onChange({ low: text })} />
          to
          <TextField label={`Greatest ${name}`} value={high} onInput={(text) => onChange({ high: text })} />
          {kind === 'int' && !log ? (
            <>
              by
              <TextField label={`Step of ${name}`} value={step} placeholder="1" onInput={(text) => onChange({ step: text })} />
            </>
          ) : null}
          <Checkbox checked={log} onChange={(next) => onChange({ log: next })}>
            logarithmic
          </Checkbox>
        </>
      ) : null}
    </div>
  );
}

/** For options that could not be read. */
function AddOption({ taken, onAdd }: { taken: readonly string[]; onAdd(parameter: TuneParameter): void }): JSX.Element {
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const option = text === '' || text.startsWith('-') ? text : `--${text}`;
  const usable = /^--?[A-Za-z][\w.-]*$/.test(option) && !taken.includes(option);
  const add = (): void => {
    if (usable) {
      onAdd({ name: option.replace(/^-+/, ''), option, vary: true, kind: 'float', low: '', high: '', log: false, step: '', values: '', off: null, default: null, hint: '', typed: true });
      setTyped('');
    }
  };
  return (
    <div class="toolbar" style={{ marginTop: '12px' }}>
      <TextField label="Another option" inline placeholder="--another-option" value={typed} onInput={setTyped} onEnter={add} />
      <Button disabled={!usable} onClick={add}>
        Add option
      </Button>
    </div>
  );
}
