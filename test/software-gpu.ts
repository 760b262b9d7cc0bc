/** WebGPU in Node without a GPU: by SwiftShader, which comes with Chromium and needs Vulkan's loader (Debian: libvulkan1). */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { checkDevice } from '../src/runtime/node.ts';
import { chromiumPath } from './browser/browser.ts';

const manifest = [
  '/usr/lib/chromium',
  ...(chromiumPath === undefined ? [] : [path.dirname(realpathSync(chromiumPath))]),
]
  .map((folder) => path.join(folder, 'vk_swiftshader_icd.json'))
  .find((file) => existsSync(file));

/**
 * Names SwiftShader to Vulkan, where the environment names no driver, for this process and those that it starts. Returns why there
 * is no adapter all the same; undefined where there is one.
 */
export async function softwareGpu(): Promise<string | undefined> {
  if (manifest !== undefined) process.env['VK_ICD_FILENAMES'] ??= manifest;
  try {
    await checkDevice('webgpu');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
