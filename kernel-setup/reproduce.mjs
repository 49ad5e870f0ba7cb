/**
 * npm run reproduce: executes notebooks and shows which claims hold. Exit code 0: all cells ran, no claim fails that
 * the committed notebook shows as holding, and what was to be saved is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { declared } from './run/declared.mjs';
import { findChromium, noChromium } from './run/draw.mjs';
import { agreement, freshResults, onFreshSeeds, unlike } from './run/fresh-seeds.mjs';
import { checkNames } from './run/notebook-types.mjs';
import { allNotebooks, findNotebooks, readNotebook } from './run/notebooks.mjs';
import { openFile } from './run/open.mjs';
import { argumentList, argumentsOf, checkOverrides, parseOptions, usage } from './run/options.mjs';
import { outputPaths, prepareOutput, settle } from './run/output-folder.mjs';
import { lockOutput } from './run/output-lock.mjs';
import { committed } from './run/reference.mjs';
import { writeReport } from './run/report.mjs';
import { passes, storedResult, writeClaims } from './run/results.mjs';
import { runAll } from './run/run.mjs';
import { mayShare } from './run/shared-run.mjs';
import { submit } from './run/slurm.mjs';
import { verdictLines } from './run/verdict-lines.mjs';
import { root, setup } from './setup.mjs';
import { command } from './shared/command-line.mjs';
import { venvPython } from './shared/jupyter.mjs';
import { Refusal } from './shared/refusal.mjs';
import { saying } from './shared/waiting.mjs';

await command(async () => {
  const given = parseOptions(process.argv.slice(2), root);
  const options = given.freshSeeds ? onFreshSeeds(given) : given;
  prepareOutput(root, given.base);
  await setup();
  const notebooks = findNotebooks(root, options.names);
  if (notebooks.length === 0) throw new Refusal('there are no notebooks in notebooks/');
  for (const { name, file } of notebooks) checkOverrides(name, declared(readNotebook(file)), options);
  const forks = notebooks.filter(({ name }) => name.startsWith('forks/'));
  const read = forks.map(({ name, file }) => ({ name, file, notebook: readNotebook(file) }));
  if (read.length > 0) await saying('checking the names and types in forks ...', () => checkNames(root, read));
  if (options.save)
    for (const { file } of notebooks)
      for (const written of [file, path.dirname(file)]) fs.accessSync(written, fs.constants.W_OK);
  prepareOutput(root, options.output);
  if (options.slurm !== undefined) return submitted(options, notebooks);
  const run = await saying('waiting for what an earlier run started in the output folder to end ...', () =>
    lockOutput(given.output, venvPython(root)),
  );

  if (options.freshSeeds) console.log(`judged seeds: from ${options.set.firstSeed} on`);
  const { results, unsaved, interrupted } = await runAll(root, notebooks, options, run);
  for (const result of results) console.log(verdictLines(result));
  if (options.freshSeeds) {
    const shown = notebooks.map(({ name, file }) => ({ name, ...committed(root, file) }));
    const { said, others } = agreement(shown, results);
    for (const line of [`beside the committed notebooks: ${said}`, ...others, ...unlikeCommitted(shown, results)])
      console.log(line);
    writeClaims(
      options.output,
      allNotebooks(root).flatMap(({ name }) => storedResult(options.output, name).result ?? []),
    );
  }
  const outcomes = allNotebooks(root).flatMap(notebook =>
    outcome(options.freshSeeds ? [] : results, given.output, notebook),
  );
  writeClaims(
    given.output,
    outcomes.flatMap(({ result }) => result ?? []),
  );
  writeReport(root, given.output, outcomes);
  for (const { name, problem } of outcomes) if (problem) console.log(`${name}: ${problem}; run it again`);
  const { report } = outputPaths(given.output);
  console.log(`report: ${path.relative(process.cwd(), report)}`);
  if (options.name !== undefined)
    console.log(`beside the plain run: npm run compare -- ${options.name} (results in output/ are left as they were)`);
  if (!findChromium()) console.log(noChromium);
  if (options.open) openFile(report);
  if (interrupted) {
    const done = `${results.length} of ${notebooks.length} notebooks are done`;
    console.log(
      `interrupted: ${done}; go on with: npm run reproduce -- ${argumentsOf({ ...options, resume: true }, root)}`,
    );
    return 130;
  }
  if (unsaved.length > 0) console.log(`NOT saved, because edited during the run: ${unsaved.join(', ')}`);
  if (!options.save)
    console.log(
      `notebooks/ is left as it was; executed notebooks are in ` +
        `${path.relative(process.cwd(), path.join(options.output, 'notebooks'))} ` +
        `(to renew the committed outputs: npm run reproduce -- --save)`,
    );
  return results.every(passes) && unsaved.length === 0 ? 0 : 1;
}, usage);

/**
 * Submits the run to Slurm in place of doing it.
 * @param {import('./run/options.mjs').Options} options @param {import('./run/run.mjs').Named[]} notebooks
 */
function submitted(options, notebooks) {
  const { profile, set, resume, output, shards, slurm = '' } = options;
  const names = notebooks.map(({ name }) => name);
  const unable = notebooks.filter(({ file }) => !mayShare(readNotebook(file))).map(({ name }) => name);
  if (unable.length > 0) throw new Refusal(`${unable.join(', ')}: there is no sweep in it that shards could share`);
  const again = argumentsOf({ ...options, names, resume: true }, root);
  const final = [...argumentList({ ...options, names, slurm: undefined }, root), '--jobs=1'];
  const run = submit(root, { names, profile, set, resume, output, shards, again }, slurm, final);
  console.log(
    `${run.id}: ${shards} shards are job ${run.jobs.array}, the results will come from job ${run.jobs.final}`,
  );
  console.log('npm run slurm -- status, or cancel');
  return 0;
}

/**
 * Which results on fresh seeds are of something else than the committed notebook, or of nothing that it claims.
 * @param {(ReturnType<typeof committed> & { name: string })[]} shown
 * @param {import('./run/results.mjs').Result[]} results
 */
function unlikeCommitted(shown, results) {
  return results.flatMap(result => {
    const beside = shown.find(({ name }) => name === result.name);
    const why = beside?.claims.length ? unlike(result, beside) : 'the committed one holds no claims to compare with';
    return why ? [`${result.name}, beside the committed notebook: ${why}`] : [];
  });
}

/**
 * The result of a notebook, of this run or of an earlier one, or what is wrong with it, and its results on fresh seeds,
 * which stand beside the committed notebook when there is no other result. None when it never ran.
 * @param {import('./run/results.mjs').Result[]} results @param {string} output
 * @param {import('./run/run.mjs').Named} notebook
 */
function outcome(results, output, { name, file }) {
  const own = results.find(r => r.name === name);
  if (!own) settle(output, name);
  const { result = own, problem } = own ? {} : storedResult(output, name);
  const shown = result ?? (problem ? undefined : committed(root, file));
  const { results: fresh, leftOut } = shown ? freshResults(output, name, shown) : { results: [], leftOut: [] };
  const isShown = result || problem || fresh.length > 0 || leftOut.length > 0;
  return isShown ? [{ name, result, problem, committed: shown, fresh, leftOut }] : [];
}
