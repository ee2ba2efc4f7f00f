/** What ferry.yaml has a place for and this version does not carry out: refused by name, never ignored. To carry one out, take it off here. */
import { choice, field, oneOf } from './fields';

const notYet = (what: string) => `\`${what}\` is not carried out by this version yet`;

const refused = (what: string) => field<never>(`nothing here, as ${notYet(what)}`, () => undefined);

const onlyReport = field<'report'>(`\`report\`, as ${notYet('archived: restore')}`, () => undefined);

export const NOT_YET = {
  notify: refused('notify'),
  archived: oneOf<'report'>((value) => (value === 'restore' ? onlyReport : choice('report'))),
} as const;
