import type { Command } from '../context.ts';
import { deploy } from './deploy.ts';
import { endpoints } from './endpoints.ts';
import { init } from './init.ts';
import { models } from './models.ts';
import { monitor } from './monitor.ts';
import { predict } from './predict.ts';
import { profile } from './profile.ts';
import { retrain } from './retrain.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { server } from './server.ts';
import { train } from './train.ts';
import { tune } from './tune.ts';

/** In the order of the loop. */
export const commands: Command[] = [init, profile, train, run, tune, runs, models, deploy, endpoints, predict, monitor, retrain, server];
