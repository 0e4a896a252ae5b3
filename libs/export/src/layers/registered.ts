/** Rules by the class of the layer in tfjs-layers, one file for each family. */
export { activationRules } from './activation-layers.js';
export { convolutionRules } from './convolutions.js';
export { denseRules } from './dense.js';
export { identityRules } from './identities.js';
export { mergeRules } from './merges.js';
export { normalisationRules } from './normalisations.js';
export { poolingRules } from './poolings.js';
export { recurrentRules } from './recurrent.js';
export { shapeRules } from './shapes.js';
