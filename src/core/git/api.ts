// The few questions we ask Git, and the one thing we ask it to do.
import { simpleGit } from 'simple-git';

export { captureGit, diffArtifact, untrackedArtifact, type GitCapture } from './capture.ts';
export { restoreCode, type Restored, type RestoreRequest } from './restore.ts';

/** Whether Git follows any file of this folder: then it came with the repository, and is not this machine's own. */
export async function isFollowedByGit(folder: string): Promise<boolean> {
  try {
    const files = await simpleGit({ baseDir: folder, timeout: { block: 20_000 } }).raw(['ls-files', '--', folder]);
    return files.trim() !== '';
  } catch {
    return false;
  }
}
