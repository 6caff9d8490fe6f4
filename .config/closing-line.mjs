/** Ends a jest run with one plain line that a machine can read, whatever jest's own summary looks like. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // The teardown, which runs after this, then keeps what the servers stored.
    if (failed && globalThis.millraceTestRun) globalThis.millraceTestRun.failed = true;
    process.stdout.write(
      `${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}
