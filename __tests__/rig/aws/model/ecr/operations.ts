import { z } from 'zod';
import { AwsError } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { registryPassword } from './password.ts';
import type { Settings } from '../settings.ts';
import type { Registry, StoredImage } from './registry.ts';
import type { Uploads } from './uploads.ts';

const imageId = z.object({ imageTag: z.string().optional(), imageDigest: z.string().optional() });
const inRepository = { repositoryName: z.string(), registryId: z.string().optional() };
const TOKEN_SECONDS = 12 * 3600;
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** What the calls of ECR work with. */
export interface EcrParts {
  readonly settings: Settings;
  readonly now: () => number;
  readonly registry: Registry;
  readonly uploads: Uploads;
  /** Address of the registry for `docker login`. */
  readonly proxyEndpoint: () => string;
  /** Presigned address of a layer. */
  readonly layerUrl: (repository: string, digest: string) => string;
}

/** The JSON calls of ECR. */
export function ecrOperations(parts: EcrParts) {
  const { settings, now, registry, uploads, proxyEndpoint, layerUrl } = parts;
  const registryId = settings.account;
  const needs = (action: string) => (input: { repositoryName: string }) => [
    { action: `ecr:${action}`, resource: registry.arn(input.repositoryName) },
  ];
  const shown = (repositoryName: string, image: StoredImage, tag?: string) => ({
    registryId,
    repositoryName,
    imageId: { imageDigest: image.digest, ...(tag === undefined ? {} : { imageTag: tag }) },
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
  });
  return {
    GetAuthorizationToken: operation(z.object({}), {
      permissions: () => [{ action: 'ecr:GetAuthorizationToken', resource: '*' }],
      run: (_, { accessKeyId }) => {
        const expiresAt = now() + TOKEN_SECONDS * 1000;
        const password = registryPassword({ accessKeyId, expiresAt });
        const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
        const data = {
          authorizationToken,
          expiresAt: new Date(expiresAt),
          proxyEndpoint: proxyEndpoint(),
        };
        return { authorizationData: [data] };
      },
    }),
    BatchGetImage: operation(
      z.object({
        ...inRepository,
        imageIds: z.array(imageId).min(1).max(100),
        acceptedMediaTypes: z.array(z.string()).optional(),
      }),
      {
        permissions: needs('BatchGetImage'),
        run: async ({ repositoryName, imageIds }) => {
          const repository = registry.find(repositoryName);
          const look = async (id: z.output<typeof imageId>) => ({
            id,
            image: await registry.image(repository, id.imageDigest ?? id.imageTag ?? ''),
          });
          const found = await Promise.all(imageIds.map(look));
          return {
            images: found.flatMap(({ id, image }) =>
              image === undefined ? [] : [shown(repositoryName, image, id.imageTag)],
            ),
            failures: found.flatMap(({ id, image }) =>
              image === undefined
                ? [
                    {
                      imageId: id,
                      failureCode: 'ImageNotFound',
                      failureReason: 'Requested image not found',
                    },
                  ]
                : [],
            ),
          };
        },
      },
    ),
    DescribeImages: operation(
      z.object({ ...inRepository, imageIds: z.array(imageId).max(100).optional() }),
      {
        permissions: needs('DescribeImages'),
        run: async ({ repositoryName, imageIds }) => {
          const repository = registry.find(repositoryName);
          const look = async (id: z.output<typeof imageId>) => {
            const image = await registry.image(repository, id.imageDigest ?? id.imageTag ?? '');
            if (image !== undefined) return image;
            throw new AwsError(
              'ImageNotFoundException',
              `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
            );
          };
          const images =
            imageIds === undefined
              ? [...repository.images.values()]
              : await Promise.all(imageIds.map(look));
          return {
            imageDetails: images.map((image) => ({
              registryId,
              repositoryName,
              imageDigest: image.digest,
              imageTags: [...repository.tags].flatMap(([tag, digest]) =>
                digest === image.digest ? [tag] : [],
              ),
              imagePushedAt: new Date(image.pushedAt),
              imageManifestMediaType: image.mediaType,
            })),
          };
        },
      },
    ),
    BatchCheckLayerAvailability: operation(
      z.object({ ...inRepository, layerDigests: z.array(z.string()).min(1).max(100) }),
      {
        permissions: needs('BatchCheckLayerAvailability'),
        run: async ({ repositoryName, layerDigests }) => {
          const repository = registry.find(repositoryName);
          const look = async (layerDigest: string) => {
            const layerSize = (await registry.blob(repository, layerDigest))?.length;
            return { layerDigest, layerSize };
          };
          const found = await Promise.all(layerDigests.map(look));
          return {
            layers: found.flatMap(({ layerDigest, layerSize }) =>
              layerSize === undefined
                ? []
                : [{ layerDigest, layerSize, layerAvailability: 'AVAILABLE' }],
            ),
            failures: found
              .filter(({ layerSize }) => layerSize === undefined)
              .map(({ layerDigest }) => ({
                layerDigest,
                failureCode: 'MissingLayerDigest',
                failureReason: 'Layer is not available',
              })),
          };
        },
      },
    ),
    GetDownloadUrlForLayer: operation(z.object({ ...inRepository, layerDigest: z.string() }), {
      permissions: needs('GetDownloadUrlForLayer'),
      run: async ({ repositoryName, layerDigest }) => {
        const repository = registry.find(repositoryName);
        if ((await registry.blob(repository, layerDigest)) === undefined) {
          throw new AwsError(
            'LayersNotFoundException',
            `The layer '${layerDigest}' does not exist.`,
          );
        }
        return {
          layerDigest,
          downloadUrl: layerUrl(repositoryName, layerDigest),
        };
      },
    }),
    InitiateLayerUpload: operation(z.object(inRepository), {
      permissions: needs('InitiateLayerUpload'),
      run: ({ repositoryName }) => ({
        uploadId: uploads.begin(registry.find(repositoryName)),
        partSize: 20 * 1024 * 1024,
      }),
    }),
    UploadLayerPart: operation(
      z.object({
        ...inRepository,
        uploadId: z.string(),
        partFirstByte: z.number(),
        partLastByte: z.number(),
        layerPartBlob: z.union([z.instanceof(Uint8Array), z.base64()]),
      }),
      {
        permissions: needs('UploadLayerPart'),
        run: ({ repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob }) => {
          registry.find(repositoryName);
          const bytes =
            typeof layerPartBlob === 'string'
              ? Buffer.from(layerPartBlob, 'base64')
              : Buffer.from(layerPartBlob);
          if (partLastByte - partFirstByte + 1 !== bytes.length) {
            throw new AwsError(
              'InvalidParameterException',
              'The length of the part does not agree with its range.',
            );
          }
          const size = uploads.append(uploadId, bytes, partFirstByte);
          return { registryId, repositoryName, uploadId, lastByteReceived: size - 1 };
        },
      },
    ),
    CompleteLayerUpload: operation(
      z.object({ ...inRepository, uploadId: z.string(), layerDigests: z.array(z.string()).min(1) }),
      {
        permissions: needs('CompleteLayerUpload'),
        run: async ({ repositoryName, uploadId, layerDigests: [layerDigest = ''] }) => {
          const repository = registry.find(repositoryName);
          const blob = uploads.complete(uploadId, layerDigest, true);
          await registry.keep(repository, layerDigest, blob);
          return { registryId, repositoryName, uploadId, layerDigest };
        },
      },
    ),
    PutImage: operation(
      z.object({
        ...inRepository,
        imageManifest: z.string(),
        imageManifestMediaType: z.string().optional(),
        imageTag: z.string().optional(),
      }),
      {
        permissions: needs('PutImage'),
        run: async ({ repositoryName, imageManifest, imageManifestMediaType, imageTag }) => {
          const mediaType =
            imageManifestMediaType ??
            /"mediaType"\s*:\s*"([^"]+)"/.exec(imageManifest)?.[1] ??
            DOCKER_MANIFEST;
          const repository = registry.find(repositoryName);
          registry.checkManifest(imageManifest, mediaType);
          const put = { manifest: imageManifest, mediaType };
          const image = await registry.push(repository, put, imageTag);
          return { image: shown(repositoryName, image, imageTag) };
        },
      },
    ),
    CreateRepository: operation(
      z.object({
        repositoryName: z.string(),
        imageTagMutability: z.string().optional(),
        imageScanningConfiguration: z.object({ scanOnPush: z.boolean().optional() }).optional(),
      }),
      {
        permissions: needs('CreateRepository'),
        run: ({ repositoryName, imageTagMutability }) => {
          const { arn, createdAt } = registry.create(
            repositoryName,
            imageTagMutability === 'IMMUTABLE',
          );
          return {
            repository: {
              registryId,
              repositoryName,
              repositoryArn: arn,
              repositoryUri: `${registry.host}/${repositoryName}`,
              createdAt: new Date(createdAt),
            },
          };
        },
      },
    ),
    DescribeRepositories: operation(z.object({ repositoryNames: z.array(z.string()).optional() }), {
      permissions: ({ repositoryNames = ['*'] }) =>
        repositoryNames.map((name) => ({
          action: 'ecr:DescribeRepositories',
          resource: registry.arn(name),
        })),
      run: ({ repositoryNames }) => ({
        repositories: (repositoryNames?.map((name) => registry.find(name)) ?? registry.all()).map(
          ({ name, arn, immutable, createdAt }) => ({
            registryId,
            repositoryName: name,
            repositoryArn: arn,
            repositoryUri: `${registry.host}/${name}`,
            imageTagMutability: immutable ? 'IMMUTABLE' : 'MUTABLE',
            createdAt: new Date(createdAt),
          }),
        ),
      }),
    }),
    PutLifecyclePolicy: operation(z.object({ ...inRepository, lifecyclePolicyText: z.string() }), {
      permissions: needs('PutLifecyclePolicy'),
      run: ({ repositoryName, lifecyclePolicyText }) => {
        registry.find(repositoryName).lifecyclePolicy = lifecyclePolicyText;
        return { registryId, repositoryName, lifecyclePolicyText };
      },
    }),
  };
}
