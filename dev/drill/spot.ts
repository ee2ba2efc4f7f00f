/** `npm run drill:spot`: takes the hosts of Batch jobs away while they copy, and proves that it costs little and loses nothing. */
import { runDrill } from './command';
import { drillSpot } from './spot/drill';
import { spotTable } from './spot/figures';
import { HELP, parseSpotOptions } from './spot/options';

runDrill({
  help: HELP,
  parse: parseSpotOptions,
  title: ({ seed, objects, store }) => `seed ${seed}, ${objects} objects on ${store}`,
  drill: (options, place) => drillSpot({ ...options, ...place }),
  tableOf: spotTable,
});
