import { AwsError } from '../aws-error.ts';
import { digestOf } from './digest.ts';
import { MANIFEST_TYPES } from './manifest.ts';

/** A real registry, without rules of its own, that keeps the contents of the simulated one. */
export class UpstreamRegistry {
  /** `http://127.0.0.1:5000` */
  readonly address: string;

  constructor(address: string) {
    this.address = address.replace(/\/$/, '');
  }

  /** By digest or tag. */
  async manifest(
    name: string,
    reference: string,
  ): Promise<
    { readonly digest: string; readonly manifest: string; readonly mediaType: string } | undefined
  > {
    const answer = await fetch(`${this.address}/v2/${name}/manifests/${reference}`, {
      headers: { accept: MANIFEST_TYPES.join(', ') },
    });
    const manifest = await answer.text();
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`The registry behind ECR answered ${answer.status}`);
    const mediaType = answer.headers.get('content-type') ?? '';
    return { digest: digestOf(manifest), manifest, mediaType };
  }

  async putManifest(
    name: string,
    reference: string,
    image: { readonly manifest: string; readonly mediaType: string },
  ): Promise<void> {
    const answer = await fetch(`${this.address}/v2/${name}/manifests/${reference}`, {
      method: 'PUT',
      headers: { 'content-type': image.mediaType },
      body: image.manifest,
    });
    const said = await answer.text();
    if (!answer.ok) throw new AwsError('LayersNotFoundException', said);
  }

  async putBlob(name: string, digest: string, blob: Uint8Array): Promise<void> {
    const begun = await fetch(`${this.address}/v2/${name}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', this.address);
    place.searchParams.set('digest', digest);
    const answer = await fetch(place, { method: 'PUT', body: new Uint8Array(blob) });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`The registry behind ECR answered ${answer.status}: ${said}`);
  }

  async blob(name: string, digest: string): Promise<Uint8Array | undefined> {
    const answer = await fetch(`${this.address}/v2/${name}/blobs/${digest}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return answer.ok ? bytes : undefined;
  }
}
