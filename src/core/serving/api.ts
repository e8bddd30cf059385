// Predicting with a model artifact, and the protocols by which it is asked. Plain TypeScript in double precision: no
// TensorFlow is needed to serve.
export { compileModel, predictionColumns, sigmoid, softmax, type LoadedModel } from './compileModel.ts';
export { rowsOfCsv } from './csvRows.ts';
export { inferenceResponse, parseInferenceRequest, tensorsOf, type InferenceRequest } from './inferenceProtocol.ts';
export { inputsOf, rowsOfTable, type InputColumns } from './inputColumns.ts';
export { parseJsonBody } from './jsonBody.ts';
export { hashKey, makeKey, opens, serverKey } from './keys.ts';
export { Latencies } from './latencies.ts';
export { LineLog, type LineLogOptions } from './lineLog.ts';
export { loadModelFolder, writeModelFolder } from './modelFolder.ts';
export { scoreLayers, type Matrix, type Network } from './network.ts';
export { openApiOf } from './openApi.ts';
export { loadPinned, unseenCategories, type PinnedModel, type PinnedVersion } from './pinnedModel.ts';
export { applyRecipe, recipeWidth } from './recipe.ts';
export { checkRowCount } from './rows.ts';
export { checkId, parseScoringRequest, type ScoringRequest } from './scoringProtocol.ts';
export { chooseVersion } from './traffic.ts';
export { encodeWeights } from './weights.ts';
