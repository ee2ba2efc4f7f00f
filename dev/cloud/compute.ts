/** Counts the room in the compute environments, in vCPUs, and gives it out in the order in which a queue names them. */
import { clientException } from './aws-error';
import type { Journal } from './journal';

export interface Compute {
  /** Adds a compute environment with all its room, or with the room that it was told to have before a restart. */
  add(name: string, vcpus: number, spot: boolean): void;
  /** From now on; what runs there goes on. Throws when there is no such compute environment. */
  setCapacity(name: string, vcpus: number): void;
  /** Takes room in the first one that has it, and names it. */
  take(names: readonly string[], vcpus: number): string | undefined;
  give(name: string, vcpus: number): void;
  isSpot(name: string): boolean;
  /** Nothing has room until what it returns is called. */
  withhold(): () => void;
}

const KIND = 'capacity';

export function createCompute(journal: Journal): Compute {
  const environments = new Map<string, { capacity: number; taken: number; readonly spot: boolean }>();
  let withheld = 0;
  return {
    add(name, vcpus, spot) {
      environments.set(name, {
        capacity: (journal.read(KIND).get(name) as number | undefined) ?? vcpus,
        taken: 0,
        spot,
      });
    },
    setCapacity(name, vcpus) {
      const environment = environments.get(name);
      if (!environment) throw clientException(`${name} does not exist.`);
      environment.capacity = vcpus;
      journal.write(KIND, name, vcpus);
    },
    take(names, vcpus) {
      if (withheld > 0) return undefined;
      const name = names.find((each) => {
        const environment = environments.get(each);
        return environment !== undefined && environment.taken + vcpus <= environment.capacity;
      });
      const environment = name === undefined ? undefined : environments.get(name);
      if (environment) environment.taken += vcpus;
      return name;
    },
    give(name, vcpus) {
      const environment = environments.get(name);
      if (environment) environment.taken -= vcpus;
    },
    isSpot: (name) => environments.get(name)?.spot ?? false,
    withhold() {
      withheld += 1;
      let given = false;
      return () => {
        if (!given) withheld -= 1;
        given = true;
      };
    },
  };
}
