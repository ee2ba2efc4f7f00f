/** A client's key that may be refused, and a canary that knows it. */
import type { Progress } from '../../../src/domain/run-result';
import { progressQuery } from '../../../src/workflows/messages';
import { refusal, type Activities } from './examples';
import { until } from './gate';
import type { Play } from './stage';

export class Key {
  works = false;

  check(): void {
    if (!this.works) throw refusal('CredentialsRefused', 'source: the key is refused');
  }

  get canary(): Activities['canary'] {
    return () => this.check();
  }
}

export const progress = (play: Play): Promise<Progress> => play.handle().query(progressQuery);

export const inState = (play: Play, expected: Progress['state']) =>
  until(`it is ${expected}`, async () => (await progress(play)).state === expected);
