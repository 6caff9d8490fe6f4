import type { AttemptContext } from '#libs/node-kit';
import type { HttpRequestConfig } from './config.ts';

/** The config with the content of files that it names by their SHA-256. */
export async function withFiles(config: HttpRequestConfig, read: AttemptContext['file']): Promise<HttpRequestConfig> {
  const { file, multipart } = config;
  const filled = async <Part extends object>(part: Part): Promise<Part> => {
    if (!('sha256' in part) || typeof part.sha256 !== 'string' || 'contentBase64' in part) return part;
    return { ...part, contentBase64: Buffer.from(await read(part.sha256)).toString('base64') };
  };
  return {
    ...config,
    ...(file ? { file: await filled(file) } : {}),
    ...(multipart ? { multipart: await Promise.all(multipart.map(filled)) } : {}),
  };
}
