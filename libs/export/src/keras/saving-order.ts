import type { GraphLayer, GraphTensor, LayerCall, ModelGraph } from '../graph/model-graph.js';

/**
 * The layers in the order in which Keras 3 numbers them in a weights file: those farthest from the output
 * first, and at equal distance in the order of a depth-first search from the output (`map_graph` in
 * keras/src/ops/function.py).
 */
export function savingOrder({ calls, output }: ModelGraph): readonly GraphLayer[] {
  const makers = new Map(calls.map((call) => [call.output, call]));
  const found = new Map<GraphLayer, number>();
  const sorted = new Set<LayerCall>();
  const visit = (tensor: GraphTensor): void => {
    const call = makers.get(tensor);
    if (!call || sorted.has(call)) return;
    if (!found.has(call.layer)) found.set(call.layer, found.size);
    call.inputs.forEach(visit);
    sorted.add(call);
  };
  visit(output);
  const distances = distancesFrom([...sorted].reverse(), makers);
  const distance = (layer: GraphLayer): number => distances.get(layer) ?? 0;
  return [...found]
    .sort(([a, first], [b, second]) => distance(b) - distance(a) || first - second)
    .map(([layer]) => layer);
}

/** The longest way from each layer to the output, in calls. @param calls each before its inputs' */
function distancesFrom(
  calls: readonly LayerCall[],
  makers: ReadonlyMap<GraphTensor, LayerCall>,
): ReadonlyMap<GraphLayer, number> {
  const ofCalls = new Map<LayerCall, number>();
  const ofLayers = new Map<GraphLayer, number>();
  for (const call of calls) {
    const distance = Math.max(ofCalls.get(call) ?? 0, ofLayers.get(call.layer) ?? 0);
    ofLayers.set(call.layer, distance);
    for (const input of call.inputs) {
      const before = makers.get(input);
      if (before) ofCalls.set(before, Math.max(distance + 1, ofCalls.get(before) ?? 0));
    }
  }
  return ofLayers;
}
