// Pictures that `mlflow.log_image(image, key, step)` logged: each a file whose name says which picture of which series it is.

export interface ImageStep {
  /** As the program called it. */
  key: string;
  step: number;
  /** When it was logged, in milliseconds since 1970. */
  timestamp: number;
  /** A smaller copy of another file. */
  compressed: boolean;
}

/** What the name of a file in the folder `images` says; null for any other name. Older clients write % where newer ones write +. */
export function imageStep(name: string): ImageStep | null {
  const [, key = '', , step, timestamp, compressed] = /^(.+)([+%])step\2(-?\d+)\2timestamp\2(\d+)\2[\da-f-]+?(\2compressed)?\.(?:png|jpe?g|webp)$/.exec(name) ?? [];
  return step === undefined ? null : { key: key.replace(/[~#]/g, '/'), step: Number(step), timestamp: Number(timestamp), compressed: compressed !== undefined };
}
