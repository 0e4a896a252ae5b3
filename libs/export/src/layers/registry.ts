import { Inexpressible } from '../graph/inexpressible.js';
import type { GraphLayer } from '../graph/model-graph.js';
import type { LayerRule } from './layer-rule.js';
import * as registered from './registered.js';

const rules = new Map<string, LayerRule>(
  Object.values(registered).flatMap((kinds) => Object.entries(kinds)),
);

/** @throws Inexpressible when no rule exists for the layer's class */
export function ruleFor({ className }: GraphLayer): LayerRule {
  const rule = rules.get(className);
  if (rule) return rule;
  throw new Inexpressible('no conversion exists for layers of this class');
}
