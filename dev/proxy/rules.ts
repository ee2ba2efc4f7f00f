/** What goes wrong on purpose: rules that pick requests by kind, key and part, in the order in which they were made. */
import type { ClassifiedRequest, RequestKind } from './classify';

export type FaultAction =
  /** Waits, then lets it through. */
  | { readonly type: 'delay'; readonly ms: number }
  /** Answers with an S3 error, without asking the server. */
  | { readonly type: 'fail'; readonly status: number; readonly code: string }
  /** Cuts the connection after so many bytes of the answer's body. */
  | { readonly type: 'cut'; readonly afterBytes: number }
  /** Cuts both connections after so many bytes of the request's body. */
  | { readonly type: 'cutRequest'; readonly afterBytes: number }
  /** Lets it happen, then cuts the connection in place of the answer; `after` is done in between. */
  | { readonly type: 'dropAnswer'; readonly after?: () => void | Promise<void> }
  /** Answers with just this, without asking the server, or with `forwarded` after the server has done it. */
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body: string;
      /** @default a content-type of application/xml */
      readonly headers?: Readonly<Record<string, string>>;
      readonly forwarded?: boolean;
    }
  /** Holds it back until the rule is removed, then lets it through. */
  | { readonly type: 'stall' }
  /** Slows both bodies of each request by itself. */
  | { readonly type: 'throttle'; readonly bytesPerSecond: number }
  /** Does something first, then lets it through. */
  | { readonly type: 'call'; readonly before: () => void | Promise<void> };

export interface RuleSpec {
  readonly kind?: RequestKind;
  /** The whole key, or a pattern to be found in it. */
  readonly key?: string | RegExp;
  readonly partNumber?: number;
  /** Matching requests that pass untouched first. @default 0 */
  readonly skip?: number;
  /** Requests that it acts on. @default all */
  readonly times?: number;
  readonly action: FaultAction;
}

export interface Rule {
  readonly spec: RuleSpec;
  /** Requests that it has acted on. */
  readonly hits: number;
  /** It acts no more, and what it holds back goes on. */
  remove(): void;
}

export interface TakenRule {
  readonly action: FaultAction;
  /** Resolves when the rule is removed. */
  readonly removed: Promise<void>;
}

export interface Rules {
  add(spec: RuleSpec): Rule;
  /** The first rule that acts on this request, counted as one of its times. */
  take(request: ClassifiedRequest): TakenRule | undefined;
  clear(): void;
}

export function createRules(): Rules {
  const rules = new Map<Rule, (request: ClassifiedRequest) => TakenRule | undefined>();
  return {
    add(spec) {
      let seen = 0;
      let hits = 0;
      let release: () => void = () => undefined;
      const removed = new Promise<void>((resolve) => (release = resolve));
      const { skip = 0, times = Infinity } = spec;
      const rule: Rule = {
        spec,
        get hits() {
          return hits;
        },
        remove() {
          rules.delete(rule);
          release();
        },
      };
      rules.set(rule, (request) => {
        if (hits >= times || !matches(spec, request)) return undefined;
        seen += 1;
        if (seen <= skip) return undefined;
        hits += 1;
        return { action: spec.action, removed };
      });
      return rule;
    },
    take(request) {
      for (const take of rules.values()) {
        const taken = take(request);
        if (taken) return taken;
      }
      return undefined;
    },
    clear() {
      for (const rule of [...rules.keys()]) rule.remove();
    },
  };
}

function matches({ kind, key, partNumber }: RuleSpec, request: ClassifiedRequest): boolean {
  if (kind !== undefined && kind !== request.kind) return false;
  if (partNumber !== undefined && partNumber !== request.partNumber) return false;
  if (key === undefined) return true;
  return typeof key === 'string' ? key === request.key : (request.key ?? '').search(key) >= 0;
}
