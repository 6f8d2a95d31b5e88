import { AwsError } from '../aws-error.ts';

/** Bucket and key of a copy's source, as its header spells them. */
export function readCopySource(source: string): { readonly bucket: string; readonly key: string } {
  const [path = ''] = source.replace(/^\//, '').split('?');
  const at = path.indexOf('/');
  if (at < 1) {
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key');
  }
  return { bucket: path.slice(0, at), key: decodeURIComponent(path.slice(at + 1)) };
}
