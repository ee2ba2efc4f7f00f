/** Signals may come from anyone's hand: what does not have the shape of one is refused, and changes nothing. */
import { parseBandwidth } from '../domain/bandwidth';
import type { LaneReport } from '../domain/run-result';
import type {
  ApproveDeletesMessage,
  LaneSplit,
  LimitMessage,
  PrefixMessage,
  RefusalMessage,
  RerunMessage,
  SomeEnded,
} from './messages';

/** Nothing at all, or an optional `prefix` and no other field; a misspelt one must not hold everything. */
export function isPrefixMessage(message: unknown): message is PrefixMessage | undefined | null {
  if (message === undefined || message === null) return true;
  return hasOnly(message, ['prefix']) && (message['prefix'] === undefined || typeof message['prefix'] === 'string');
}

export function isRerunMessage(message: unknown): message is RerunMessage {
  if (!hasOnly(message, ['prefix', 'force'])) return false;
  const { prefix, force } = message;
  return typeof prefix === 'string' && (force === undefined || typeof force === 'boolean');
}

/** Nothing at all, or a `bandwidth` that could stand in ferry.yaml; a misspelt one must not lift a limit. */
export function isLimitMessage(message: unknown): message is LimitMessage | undefined | null {
  if (message === undefined || message === null) return true;
  if (!hasOnly(message, ['bandwidth'])) return false;
  const { bandwidth } = message;
  return bandwidth === undefined || bandwidth === null || parseBandwidth(bandwidth) !== undefined;
}

export function isLaneReport(message: unknown): message is LaneReport {
  if (!hasOnly(message, ['lane', 'counters', 'listingDone'])) return false;
  return typeof message['lane'] === 'string' && typeof message['counters'] === 'object' && message['counters'] !== null;
}

export function isSomeEnded(message: unknown): message is SomeEnded {
  if (!hasOnly(message, ['share', 'counters', 'keys'])) return false;
  const { share, counters, keys } = message;
  return typeof share === 'string' && typeof counters === 'object' && counters !== null && Array.isArray(keys);
}

export function isLaneSplit(message: unknown): message is LaneSplit {
  if (!hasOnly(message, ['lane', 'stretches'])) return false;
  return typeof message['lane'] === 'string' && Array.isArray(message['stretches']);
}

export function isRefusalMessage(message: unknown): message is RefusalMessage {
  if (!hasOnly(message, ['workflowId', 'message'])) return false;
  return typeof message['workflowId'] === 'string' && typeof message['message'] === 'string';
}

export function isApproveDeletesMessage(message: unknown): message is ApproveDeletesMessage {
  if (!hasOnly(message, ['count', 'digest'])) return false;
  return typeof message['count'] === 'number' && typeof message['digest'] === 'string';
}

function hasOnly(value: unknown, fields: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((name) => fields.includes(name));
}
