import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  GetAuthorizationTokenCommand,
  PutLifecyclePolicyCommand,
  type ECRClient,
} from '@aws-sdk/client-ecr';
import type { Clock } from '../base/clock.ts';
import type { EcrApi } from './api.ts';
import { AwsError } from './aws-error.ts';
import { Patience, QUESTION_PATIENCE } from './patience.ts';
import { toAwsError } from './to-aws-error.ts';

/** Manifests and indexes, of Docker and of OCI: without this list ECR converts or refuses. */
const MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** ECR's own API. What passes is asked again a few times, since nobody above paces these few calls. */
export function ecrApi(client: ECRClient, clock: Clock): EcrApi {
  const patiently = async <Value>(action: string, call: () => Promise<Value>): Promise<Value> => {
    const patience = new Patience(clock, QUESTION_PATIENCE);
    for (;;) {
      try {
        return await call();
      } catch (error) {
        await patience.again(toAwsError(error, action));
      }
    }
  };
  return {
    batchGetImage: (repository, id) =>
      patiently('ecr:BatchGetImage', async () => {
        const answer = await client.send(
          new BatchGetImageCommand({
            repositoryName: repository,
            imageIds: ['tag' in id ? { imageTag: id.tag } : { imageDigest: id.digest }],
            acceptedMediaTypes: MEDIA_TYPES,
          }),
        );
        const image = answer.images?.[0];
        if (image?.imageManifest !== undefined && image.imageId?.imageDigest !== undefined) {
          return {
            digest: image.imageId.imageDigest,
            manifest: image.imageManifest,
            mediaType: image.imageManifestMediaType ?? mediaTypeOf(image.imageManifest),
          };
        }
        const failure = answer.failures?.[0];
        if (failure === undefined || failure.failureCode === 'ImageNotFound') return undefined;
        throw new AwsError({
          kind: 'refused',
          code: failure.failureCode ?? 'Failure',
          action: 'ecr:BatchGetImage',
          message: failure.failureReason ?? 'ECR cannot give this image',
        });
      }),
    getAuthorizationToken: () =>
      patiently('ecr:GetAuthorizationToken', async () => {
        const answer = await client.send(new GetAuthorizationTokenCommand({}));
        const { authorizationToken, proxyEndpoint, expiresAt } =
          answer.authorizationData?.[0] ?? {};
        const [username = '', ...password] = Buffer.from(authorizationToken ?? '', 'base64')
          .toString('utf8')
          .split(':');
        if (username === '' || proxyEndpoint === undefined) {
          throw new AwsError({
            kind: 'passing',
            code: 'UnclearAnswer',
            action: 'ecr:GetAuthorizationToken',
            message: 'ECR answered without a token',
          });
        }
        return {
          username,
          password: password.join(':'),
          proxyEndpoint,
          expiresAt: expiresAt?.getTime() ?? clock.now(),
        };
      }),
    createRepository: (repository) =>
      patiently('ecr:CreateRepository', async () => {
        try {
          await client.send(
            new CreateRepositoryCommand({
              repositoryName: repository,
              imageTagMutability: 'IMMUTABLE',
              imageScanningConfiguration: { scanOnPush: true },
            }),
          );
          return true;
        } catch (error) {
          const failure = toAwsError(error, 'ecr:CreateRepository');
          if (failure.code === 'RepositoryAlreadyExistsException') return false;
          throw failure;
        }
      }),
    putLifecyclePolicy: (repository, policy) =>
      patiently('ecr:PutLifecyclePolicy', async () => {
        await client.send(
          new PutLifecyclePolicyCommand({
            repositoryName: repository,
            lifecyclePolicyText: policy,
          }),
        );
      }),
  };
}

/** A manifest says itself what it is, except that OCI lets it be silent. */
function mediaTypeOf(manifest: string): string {
  const { mediaType, manifests } = JSON.parse(manifest) as {
    mediaType?: string;
    manifests?: unknown;
  };
  return (
    mediaType ??
    (manifests === undefined
      ? 'application/vnd.oci.image.manifest.v1+json'
      : 'application/vnd.oci.image.index.v1+json')
  );
}
