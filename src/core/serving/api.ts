// Predicting with a model artifact. Plain TypeScript in double precision: no TensorFlow is needed to serve.
export { compileModel, predictionColumns, sigmoid, softmax, type LoadedModel } from './compileModel.ts';
export { inputsOf, type InputColumns } from './inputColumns.ts';
export { loadModelFolder, writeModelFolder } from './modelFolder.ts';
export { scoreLayers, type Matrix, type Network } from './network.ts';
export { applyRecipe, recipeWidth } from './recipe.ts';
export { encodeWeights } from './weights.ts';
