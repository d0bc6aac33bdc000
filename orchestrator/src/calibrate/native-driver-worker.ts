import type { TrialLoad } from '../load/driver.js';
import { createNativeDriver } from '../load/native/driver.js';

/**
 * The native driver in a process of its own, so that it can be stopped without stopping whoever watches: takes a trial's load as a message,
 * gives its record back as one, and ends.
 */
process.once('message', (load: TrialLoad) => {
  const driver = createNativeDriver();
  void driver.run(load, new AbortController().signal).then(async ({ record }) => {
    await driver.close();
    process.send?.(record, () => process.disconnect());
  });
});
