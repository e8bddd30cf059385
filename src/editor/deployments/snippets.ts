// How to call an endpoint: a request with a typical row, ready to be pasted.
import type { Endpoint } from '../../contracts/endpoints.ts';
import type { Cell, Signature } from '../../contracts/model.ts';
import type { Snippet } from '../../contracts/panels/endpoint.ts';

/** What stands in place of a key that is not known here, or must not be shown. */
export const keyPlaceholder = 'YOUR_KEY';

type Row = Record<string, Cell>;

/** curl, Python (standard library only) and TypeScript, in this order. */
export function snippetsFor({ url, needs_key }: Pick<Endpoint, 'url' | 'needs_key'>, signature: Signature | null, key: string): Snippet[] {
  const address = `${url.replace(/\/$/, '')}/invocations`;
  const row = typicalRow(signature);
  const auth = needs_key ? `Bearer ${key}` : null;
  return [
    { label: 'curl', language: 'shellscript', text: curl(address, row, auth) },
    { label: 'Python', language: 'python', text: python(address, row, auth) },
    { label: 'TypeScript', language: 'typescript', text: typescript(address, row, auth) },
  ];
}

/** A typical value for each input; inputs without one are left out, as the model may be asked without them. */
function typicalRow(signature: Signature | null): Row {
  return Object.fromEntries((signature?.inputs ?? []).filter((input) => input.typical !== null).map((input) => [input.name, input.typical]));
}

function curl(address: string, row: Row, auth: string | null): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    `curl -sS ${quoted(address)}`,
    ...(auth === null ? [] : [`-H ${quoted(`Authorization: ${auth}`)}`]),
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify({ dataframe_records: [row] }))}`,
  ].join(' \\\n  ');
}

function python(address: string, row: Row, auth: string | null): string {
  const lines = Object.entries(row).map(([name, value]) => `    ${JSON.stringify(name)}: ${pythonValue(value)},\n`);
  return `import json
from urllib.request import Request, urlopen

row = {
${lines.join('')}}
request = Request(
    ${JSON.stringify(address)},
    data=json.dumps({"dataframe_records": [row]}).encode(),
    headers={${auth === null ? '' : `"Authorization": ${JSON.stringify(auth)}, `}"Content-Type": "application/json"},
)
with urlopen(request) as response:
    print(json.load(response)["predictions"])
`;
}

function pythonValue(value: Cell): string {
  return value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : JSON.stringify(value);
}

function typescript(address: string, row: Row, auth: string | null): string {
  const lines = Object.entries(row).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  return `const row = {
${lines.join('')}};
const response = await fetch(${JSON.stringify(address)}, {
  method: 'POST',
  headers: { ${auth === null ? '' : `Authorization: ${JSON.stringify(auth)}, `}'Content-Type': 'application/json' },
  body: JSON.stringify({ dataframe_records: [row] }),
});
if (!response.ok) {
  throw new Error(await response.text());
}
const { predictions } = await response.json();
console.log(predictions);
`;
}
