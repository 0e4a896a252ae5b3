// Generated from the option table of `lockstep train` and the registries by `npm run reference`.
import { chosen, type Chosen } from '../chosen.js';

/** Options of `lockstep train`, named as its flags in camel case. */
export interface FlagOptions {
  /** SGD steps. Default: from the recipe. */
  readonly steps?: number | undefined;
  /** Passes over the training samples, instead of --steps; rounded up to whole steps. Default: as many as --steps make. */
  readonly epochs?: number | undefined;
  /** Samples per step, over all shards. Default: from the recipe. */
  readonly batch?: number | undefined;
  /** Samples per shard. Default: from the recipe. */
  readonly shardSize?: number | undefined;
  /** Constant: the same learning rate in every step; cosine: falls along half a cosine until the last step; cosine-restarts: falls along half a cosine, again and again; linear: falls linearly until the last step; step: multiplied by a factor after every so many steps. Default: from the recipe. */
  readonly schedule?: 'constant' | 'cosine' | 'cosine-restarts' | 'linear' | 'step' | undefined;
  /** Highest learning rate of the schedule. Default: from the recipe, else 0.03. */
  readonly learningRate?: number | undefined;
  /** Added to the root of the mean squared gradient, by which a step is divided (adagrad, adam, adamw, rmsprop). Default: from the recipe, else 1e-8. */
  readonly epsilon?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: from the recipe, else 0. */
  readonly weightDecay?: number | undefined;
  /** Share of the mean gradient that is kept in each step (adam, adamw). Default: from the recipe, else 0.9. */
  readonly beta1?: number | undefined;
  /** Share of the mean squared gradient that is kept in each step (adam, adamw). Default: from the recipe, else 0.999. */
  readonly beta2?: number | undefined;
  /** Share of the velocity that is kept in each step; 0 for none (nesterov, sgd). Default: from the recipe, else 0.9. */
  readonly momentum?: number | undefined;
  /** Share of the mean square that is kept in each step (rmsprop). Default: from the recipe, else 0.99. */
  readonly decay?: number | undefined;
  /** Steps at the beginning over which the learning rate rises linearly; 0 for none. Default: from the recipe, else 0. */
  readonly warmupSteps?: number | undefined;
  /** Share of the learning rate to which it falls (cosine, cosine-restarts, linear). Default: from the recipe, else 0. */
  readonly finalFactor?: number | undefined;
  /** Steps of the first cycle, after which the learning rate is at its highest again (cosine-restarts). Default: from the recipe, else 1000. */
  readonly restartEvery?: number | undefined;
  /** How many times as long as the previous cycle each cycle is (cosine-restarts). Default: from the recipe, else 1. */
  readonly cycleFactor?: number | undefined;
  /** Steps after which the learning rate is multiplied by the decay factor, each time (step). Default: from the recipe, else 1000. */
  readonly decayEvery?: number | undefined;
  /** What the learning rate is multiplied by (step). Default: from the recipe, else 0.1. */
  readonly decayFactor?: number | undefined;
  /** Largest global norm of a step’s mean gradient; a longer one is scaled to it. Default: no bound. */
  readonly clipNorm?: number | undefined;
  /** Evaluate and save a moving average of the weights with this decay, such as 0.999. Default: none. */
  readonly ema?: number | undefined;
  /** Share of each label that is spread evenly over all classes; 0 for none (cross-entropy, sigmoid-cross-entropy). Default: 0. */
  readonly labelSmoothing?: number | undefined;
  /** Weight of each class in the loss, in the order of the labels (cross-entropy, sigmoid-cross-entropy). Default: none. */
  readonly classWeights?: readonly number[] | string | undefined;
  /** Error from which the loss is absolute and no longer squared (huber). Default: 1. */
  readonly huberDelta?: number | undefined;
  /** What a step does whose gradient holds NaN or infinity: stop the run, or change nothing. Default: stop. */
  readonly onNonfinite?: 'stop' | 'skip' | undefined;
  /** End after N evaluations (--eval-every) that are not better than the best before them. Default: no early end. */
  readonly earlyStopping?: number | undefined;
  /** Save the model of the best evaluation instead of the last one. */
  readonly keepBest?: boolean | undefined;
  /** Probability of keeping a unit in dropout. Default: from the recipe. */
  readonly keepProb?: number | undefined;
  /** Default, or tutorial: the settings that the tutorial prints. Default: default. */
  readonly recipe?: 'default' | 'tutorial' | undefined;
  /** Seed of weights, order and dropout. Default: 1. */
  readonly seed?: number | undefined;
  /** Whether arrays of pictures are [n, channels, h, w] (first) or [n, h, w, channels] (last) (idx, arrays). */
  readonly channels?: 'first' | 'last' | undefined;
  /** Share of the samples to test on, where the data have no test set (default: 0.2) (idx, arrays, pictures, table). */
  readonly testSplit?: number | undefined;
  /** Seed of the choice of those samples (default: 0) (idx, arrays, pictures, table). */
  readonly splitSeed?: number | undefined;
  /** Name of the array of inputs, or TRAIN,TEST (default: the usual names, such as x_train) (arrays). */
  readonly inputs?: string | undefined;
  /** Name of the array of targets, or TRAIN,TEST (default: the usual names, such as y_train) (arrays). */
  readonly targets?: string | undefined;
  /** Height and width that pictures are scaled to (default: all have one size) (pictures). */
  readonly size?: readonly number[] | string | undefined;
  /** Channels of a sample: rgb or grey (default: grey if no picture has colour) (pictures). */
  readonly colour?: 'rgb' | 'grey' | undefined;
  /** Column of the target: its name, or its number from 1 (default: the only one named label, class, target or y, else the last) (table). */
  readonly target?: string | undefined;
  /** Classes, values (a regression), or auto: what the target is (default: auto) (table). */
  readonly task?: 'auto' | 'classes' | 'values' | undefined;
  /** Yes, no or auto: whether the first row of a table names the columns (default: auto) (table). */
  readonly header?: 'auto' | 'yes' | 'no' | undefined;
  /** What separates the cells of a table (default: by the first row) (table). */
  readonly delimiter?: string | undefined;
  /** Columns to leave out: names or numbers, separated by commas (table). */
  readonly ignoreColumns?: string | undefined;
  /** Shape of a sample of a table, such as 28,28,1 for columns of pixels (table). */
  readonly shape?: readonly number[] | string | undefined;
  /** Standard: columns of numbers get mean 0 and deviation 1 over the training samples; none: as they are (default: standard; none for pixels) (table). */
  readonly scale?: 'standard' | 'none' | undefined;
  /** Change training pictures at random: crop[:PIXELS], flip, rotate[:DEGREES], shift[:PIXELS]. Default: none. */
  readonly augment?: string | undefined;
  /** Begin with the weights of a run, or of a saved model.json, matched by name. Default: weights drawn by the seed. */
  readonly initFrom?: string | undefined;
  /** TensorFlow threads per worker; part of the numerics. Default: 1. */
  readonly threads?: number | undefined;
  /** Strict: refuse workers that compute other bits; tolerant: no guarantee. Default: strict. */
  readonly numerics?: 'strict' | 'tolerant' | undefined;
  /** Cpu, or gpu (needs the CUDA build of TensorFlow). Default: cpu. */
  readonly device?: 'cpu' | 'gpu' | undefined;
  /** Encoding of gradients in transit: f32, or bf16 in half the bytes. Default: f32. */
  readonly wire?: 'f32' | 'bf16' | undefined;
  /** Steps between evaluations on the test set. Default: 1000. */
  readonly evalEvery?: number | undefined;
  /** Steps between checkpoints. Default: 100. */
  readonly checkpointEvery?: number | undefined;
  /** Maximum steps between state audits, which prove that all workers agree. Default: 50. */
  readonly proveEvery?: number | undefined;
  /** Folder of the runs. Default: runs. */
  readonly out?: string | undefined;
  /** Resume this run. */
  readonly resume?: string | undefined;
  /** Wait while there are fewer workers. Default: 1. */
  readonly minWorkers?: number | undefined;
  /** Milliseconds without a heartbeat after which a worker is lost. Default: 1000. */
  readonly heartbeatTimeout?: number | undefined;
  /** What to do with a run that does not learn: stop or continue. Default: stop. */
  readonly onAlarm?: 'stop' | 'continue' | undefined;
  /** Where workers connect; port 0 picks one. Default: 127.0.0.1:0. */
  readonly grpc?: string | undefined;
  /** Where dashboard and HTTP API listen; port 0 picks one. Default: 127.0.0.1:4747, or another port where that is taken. */
  readonly http?: string | undefined;
  /** Do not serve the dashboard. */
  readonly noDashboard?: boolean | undefined;
  /** Write event files for TensorBoard to a folder of the run below this one. */
  readonly tensorboard?: string | undefined;
  /** An MLflow tracking server to log the run to. Default: MLFLOW_TRACKING_URI, where that is http(s). */
  readonly mlflow?: string | undefined;
  /** Lowest level of the log on stderr: debug, info, warn or error. Default: info; warn for train, and for a coordinator on a terminal. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** With --resume: start from this checkpoint and compute all later steps again. Default: the newest valid one. */
  readonly checkpoint?: number | undefined;
  /** TLS certificate (PEM) presented to peers. */
  readonly tlsCert?: string | undefined;
  /** Key of that certificate (PEM). */
  readonly tlsKey?: string | undefined;
  /** Token that permits viewing and controlling (`lockstep token secret`). Default: none: every user of this machine may. */
  readonly adminTokenFile?: string | undefined;
  /** Token that permits viewing only. */
  readonly viewerTokenFile?: string | undefined;
  /** Allow listening beyond this machine without TLS and tokens. */
  readonly insecure?: boolean | undefined;
  /** A Redis to use. Default: REDIS_URL, else an embedded one. */
  readonly redis?: string | undefined;
  /** CA certificate (PEM) that signed the Redis’s certificate, for rediss://. Default: the system’s. */
  readonly redisCa?: string | undefined;
  /** Password of the user in --redis. */
  readonly redisPasswordFile?: string | undefined;
  /** Worker processes to start. Default: one per core, at least two. */
  readonly workers?: number | undefined;
}

/** Settings of adagrad. */
export interface AdagradSettings {
  /** Highest learning rate of the schedule. Default: 0.03. */
  readonly learningRate?: number | undefined;
  /** Added to the root of the mean squared gradient, by which a step is divided. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** Settings of adam. */
export interface AdamSettings {
  /** Highest learning rate of the schedule. Default: 0.001. */
  readonly learningRate?: number | undefined;
  /** Share of the mean gradient that is kept in each step. Default: 0.9. */
  readonly beta1?: number | undefined;
  /** Share of the mean squared gradient that is kept in each step. Default: 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the mean squared gradient, by which a step is divided. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** Settings of adamw. */
export interface AdamwSettings {
  /** Highest learning rate of the schedule. Default: 0.001. */
  readonly learningRate?: number | undefined;
  /** Share of the mean gradient that is kept in each step. Default: 0.9. */
  readonly beta1?: number | undefined;
  /** Share of the mean squared gradient that is kept in each step. Default: 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the mean squared gradient, by which a step is divided. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0.01. */
  readonly weightDecay?: number | undefined;
}

/** Settings of nesterov. */
export interface NesterovSettings {
  /** Highest learning rate of the schedule. Default: 0.03. */
  readonly learningRate?: number | undefined;
  /** Share of the velocity that is kept in each step; 0 for none. Default: 0.9. */
  readonly momentum?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** Settings of rmsprop. */
export interface RmspropSettings {
  /** Highest learning rate of the schedule. Default: 0.001. */
  readonly learningRate?: number | undefined;
  /** Share of the mean square that is kept in each step. Default: 0.99. */
  readonly decay?: number | undefined;
  /** Added to the root of the mean squared gradient, by which a step is divided. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** Settings of sgd. */
export interface SgdSettings {
  /** Highest learning rate of the schedule. Default: 0.03. */
  readonly learningRate?: number | undefined;
  /** Share of the velocity that is kept in each step; 0 for none. Default: 0.9. */
  readonly momentum?: number | undefined;
  /** Weight decay, of parameters of two or more dimensions: not of biases; 0 for none. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** The registered optimizers, for `train({ optimizer })`. */
export const optimizers = {
  /** Adagrad. */
  adagrad: (settings: AdagradSettings = {}): Chosen => chosen('adagrad', settings),
  /** Adam. */
  adam: (settings: AdamSettings = {}): Chosen => chosen('adam', settings),
  /** Adam with decoupled weight decay. */
  adamw: (settings: AdamwSettings = {}): Chosen => chosen('adamw', settings),
  /** Stochastic gradient descent with Nesterov momentum. */
  nesterov: (settings: NesterovSettings = {}): Chosen => chosen('nesterov', settings),
  /** RMSprop. */
  rmsprop: (settings: RmspropSettings = {}): Chosen => chosen('rmsprop', settings),
  /** Stochastic gradient descent with momentum. */
  sgd: (settings: SgdSettings = {}): Chosen => chosen('sgd', settings),
};

/** Settings of cross-entropy. */
export interface CrossEntropySettings {
  /** Share of each label that is spread evenly over all classes; 0 for none. Default: 0. */
  readonly labelSmoothing?: number | undefined;
  /** Weight of each class in the loss, in the order of the labels. */
  readonly classWeights?: readonly number[] | undefined;
}

/** Settings of huber. */
export interface HuberSettings {
  /** Error from which the loss is absolute and no longer squared. Default: 1. */
  readonly huberDelta?: number | undefined;
}

/** Settings of sigmoid-cross-entropy. */
export interface SigmoidCrossEntropySettings {
  /** Share of each label that is spread evenly over all classes; 0 for none. Default: 0. */
  readonly labelSmoothing?: number | undefined;
  /** Weight of each class in the loss, in the order of the labels. */
  readonly classWeights?: readonly number[] | undefined;
}

/** The registered losses, for `train({ loss })`. */
export const losses = {
  /** Cross-entropy of softmax(outputs), in nats; one output for each class. */
  crossEntropy: (settings: CrossEntropySettings = {}): Chosen => chosen('cross-entropy', settings),
  /** Squared for small errors, absolute for large ones. */
  huber: (settings: HuberSettings = {}): Chosen => chosen('huber', settings),
  /** Mean of the absolute errors. */
  meanAbsolute: (): Chosen => chosen('mean-absolute', {}),
  /** Mean of the squared errors. */
  meanSquared: (): Chosen => chosen('mean-squared', {}),
  /** Cross-entropy of sigmoid(output), in nats; two classes, one output. */
  sigmoidCrossEntropy: (settings: SigmoidCrossEntropySettings = {}): Chosen =>
    chosen('sigmoid-cross-entropy', settings),
};
