/** `npm run drill:kill`: kills processes while they copy, and proves that nothing is lost, torn, doubled or left behind. */
import { runDrill } from './command';
import { drill } from './drill';
import { tableOf } from './figures';
import { HELP, parseOptions } from './options';

runDrill({
  help: HELP,
  parse: parseOptions,
  title: ({ seed, kills, store }) => `seed ${seed}, ${kills} kills on ${store}`,
  drill: (options, place) => drill({ ...options, ...place }),
  tableOf,
});
