/** What `npm run e2e:docker` has started; without it these tests fail at once, and say how to run them. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set: these tests are run by npm run e2e:docker`);
  }
  return value;
}

export const DOCKER_HOST = variable('DOCKER_HOST');
/** Host and port of an empty registry. */
export const REGISTRY = variable('LATTICE_REGISTRY');
/** Address of moto. */
export const MOTO = variable('LATTICE_MOTO');
/** As users set it. */
export const MIRRORS = variable('LATTICE_REGISTRY_MIRRORS');
/** Host and port of the registry that stands for docker.io. */
export const HUB = MIRRORS.replace(/^docker\.io=http:\/\//, '');
