import { UserError } from '../../contracts/errors.ts';
import { AliasName, championAlias, gateField, type Mover, type VersionFile } from '../../contracts/registry.ts';
import type { Accepted } from '../../contracts/server.ts';
import { gateOf, type Project } from '../project/api.ts';
import type { RunStore } from '../tracking/api.ts';
import type { Candidates } from './candidates.ts';
import type { Catalogue, CatalogueVersion } from './catalogue.ts';
import { figuresOf, type Figures } from './figures.ts';
import { failuresOf, GateRefusal, passed, type Holder } from './gates.ts';
import { listModels, readModel, versionOf } from './read.ts';
import { registerAccepted } from './write.ts';

/** What a gate looks at. `version`: null before it has a number. */
interface Contender {
  version: number | null;
  run_id: string;
  /** What its file says, for where its run is not on this machine. */
  metrics: Readonly<Record<string, number>>;
  /** What says whether it comes from a model that a program logged. */
  from?: Pick<CatalogueVersion, 'model_id' | 'source'>;
}

/**
 * The one way to an alias, for people, programs and retraining: past its gate, and with a candidate made a file on
 * the way. Whatever is moved or refused is on record. Call in turn with other changes of the registry.
 */
export class Promotions {
  readonly #project: Project;
  readonly #catalogue: Catalogue;
  readonly #candidates: Candidates;
  readonly #runs: RunStore;
  readonly #moveElsewhere: (name: string, alias: string, version: number | null) => Promise<void>;

  /** @param moveElsewhere makes the same move where the registry comes from, before it is made here; it throws where that refuses. */
  constructor(project: Project, catalogue: Catalogue, candidates: Candidates, runs: RunStore, moveElsewhere: (name: string, alias: string, version: number | null) => Promise<void> = () => Promise.resolve()) {
    this.#project = project;
    this.#catalogue = catalogue;
    this.#candidates = candidates;
    this.#runs = runs;
    this.#moveElsewhere = moveElsewhere;
  }

  /**
   * Moves an alias. A candidate becomes a file first where a person moves it or a gate let it pass; where a program does
   * and no gate is there, the alias is the candidate's among programs only, until a person accepts it.
   *
   * @param version null removes the alias. @throws GateRefusal, or UserError for unknown names and what an alias cannot be.
   */
  async move(name: string, alias: string, version: number | null, by: Mover): Promise<void> {
    if (by !== 'client' && !AliasName.safeParse(alias).success) {
      throw new UserError(`"${alias}" cannot be an alias: it starts with a lower case letter and holds lower case letters, digits, dashes and underscores, at most 40.`, { field: 'alias' });
    }
    const target = version === null ? null : await this.#version(name, version, by);
    const allowed = target === null ? null : await this.check(name, alias, await this.#contender(target), by);
    await this.#moveElsewhere(name, alias, version);
    if (target !== null && target.ulid === null && (by !== 'client' || allowed !== null)) {
      await this.#makeFile(target, by);
    }
    await this.#catalogue.setAlias(name, alias, version, by, allowed ?? '');
    await this.#catalogue.refresh(true);
  }

  /** What the gate of an alias looked at where this version passes it; null where it has none. @throws GateRefusal where it does not, which is on record then. */
  async check(name: string, alias: string, contender: Contender, by: Mover): Promise<string | null> {
    const gate = await gateOf(this.#project, name, alias);
    if (gate === null) {
      return null;
    }
    await this.#catalogue.refresh(true);
    const holders = new Map<string, Holder | null>();
    for (const { not_worse_than } of gate.checks) {
      if (not_worse_than !== undefined) {
        holders.set(not_worse_than, await this.#holder(name, not_worse_than, contender.version));
      }
    }
    const figures = this.#figures(contender);
    const failures = failuresOf(gate.checks, figures, (wanted) => holders.get(wanted) ?? null);
    if (failures.length > 0) {
      const what = contender.version === null ? `The challenger of ${name}` : `${name} version ${contender.version}`;
      const reason = `${what} cannot become ${alias}: the gate of ${alias} in ml.yaml refuses it. ${failures.join('; ')}.`;
      const from = (await this.#holder(name, alias, null))?.version ?? null;
      this.#catalogue.note(name, { kind: 'alias', label: alias, from, to: contender.version, by, outcome: 'refused', reason });
      throw new GateRefusal(reason, { file: this.#project.file, line: gate.line, column: gate.column, field: gateField(name, alias) });
    }
    return passed(alias, gate.checks, figures);
  }

  /** Makes a version that is a file the champion where the files have none, if its gate lets it; else gives why not. */
  async lead({ model, version }: VersionFile): Promise<string | null> {
    const { aliases, problems } = await readModel(this.#project, model);
    if (aliases[championAlias] !== undefined || problems.length > 0) {
      return null;
    }
    return this.#moveOrSay(model, championAlias, version, 'registration');
  }

  /**
   * Makes a version of a candidate: its file in models/, its artifact in .ml/objects, under the number that it has. What
   * programs called it, it is called in the files too, as far as gates let it.
   *
   * @throws UserError where it is one already, or its files are not here.
   */
  async accept(name: string, version: number, by: Mover): Promise<Accepted> {
    const target = await this.#version(name, version, by);
    if (target.ulid !== null) {
      throw new UserError(`${name} version ${version} is a version of this project already (models/${name}/versions/${target.ulid}.yaml).`, { field: 'version' });
    }
    const file = await this.#makeFile(target, by);
    const said: (string | null)[] = [];
    for (const alias of target.aliases.filter((each) => AliasName.safeParse(each).success)) {
      said.push(await this.#moveOrSay(name, alias, version, by));
    }
    if (!target.aliases.includes(championAlias)) {
      said.push(await this.lead(file));
    }
    return { version: file, refused: said.filter((each) => each !== null) };
  }

  async #moveOrSay(name: string, alias: string, version: number, by: Mover): Promise<string | null> {
    try {
      await this.move(name, alias, version, by);
      return null;
    } catch (error) {
      if (error instanceof GateRefusal) {
        return error.message;
      }
      throw error;
    }
  }

  async #makeFile(target: CatalogueVersion, by: Mover): Promise<VersionFile> {
    const { name, version } = target;
    const file = await registerAccepted(this.#project, await this.#candidates.facts(target));
    await this.#catalogue.refresh(true);
    this.#catalogue.note(name, { kind: 'accepted', label: '', from: version, to: version, by });
    return file;
  }

  /** A file or a candidate. @throws UserError in the words of whoever asks. */
  async #version(name: string, version: number, by: Mover): Promise<CatalogueVersion> {
    await this.#catalogue.refresh(true);
    const candidate = by === 'client' ? undefined : this.#catalogue.candidates(name).find((each) => each.version === version);
    if (by !== 'client' && candidate === undefined) {
      versionOf(await readModel(this.#project, name), version);
    }
    return candidate ?? this.#catalogue.version(name, version);
  }

  async #contender({ name, version, ulid, run_id, model_id, source }: CatalogueVersion): Promise<Contender> {
    const file = ulid === null ? undefined : (await this.#files(name))?.versions.find((each) => each.file.ulid === ulid)?.file;
    return { version, run_id, metrics: file?.metrics ?? {}, from: { model_id, source: file?.source ?? source } };
  }

  /** The version that has an alias, in the files before what programs say; null where none has, or where it is `except`. */
  async #holder(name: string, alias: string, except: number | null): Promise<Holder | null> {
    const file = (await this.#files(name))?.versions.find(({ aliases }) => aliases.includes(alias))?.file;
    const held = file ?? this.#catalogue.candidates(name).find(({ aliases }) => aliases.includes(alias));
    if (held === undefined || held.version === except) {
      return null;
    }
    return { version: held.version, figures: this.#figures(await this.#contender(this.#catalogue.version(name, held.version))) };
  }

  #figures({ run_id, metrics, from }: Contender): Figures {
    return figuresOf({ model: from === undefined ? null : this.#candidates.loggedMetrics(from), run: this.#runs.find(run_id)?.metrics ?? null, file: metrics });
  }

  async #files(name: string): Promise<Awaited<ReturnType<typeof readModel>> | undefined> {
    return (await listModels(this.#project)).find((model) => model.name === name);
  }
}
