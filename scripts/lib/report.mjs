// A mocha reporter: its readable spec output, and the counts as JSON in the file that ML_LIFECYCLE_REPORT names.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

export default class Report extends mocha.reporters.Spec {
  /** @param {import('mocha').Runner} runner @param {import('mocha').MochaOptions} options */
  constructor(runner, options) {
    super(runner, options);
    /** @type {string[]} */
    const skipped = [];
    /** @type {string[]} */
    const failures = [];
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
    runner.on('fail', (test, error) => failures.push(`${test.fullTitle()}: ${error.stack ?? error.message}`));
    runner.once('end', () => {
      const { passes, failures: failed } = this.stats;
      const file = process.env['ML_LIFECYCLE_REPORT'];
      if (file) {
        writeFileSync(file, JSON.stringify({ passed: passes, failed, skipped, failures }));
      }
    });
  }
}
