import { HUB } from './environment.ts';

/** A project whose electron has neither `run` nor `command` nor `call`, and an image that says everything itself. */
export const OWN_COMMAND = {
  Dockerfile: `FROM ${HUB}/library/busybox:latest
ENV GREETING="hello from the image"
WORKDIR /srv/app
RUN echo 'for part in pwd=$(pwd) "greeting=$GREETING" user=$(id -u) word=$1 "image-own=$(cat own)"; do echo "$part" >> "$LATTICE_OUTPUT"; done; test ! -e /tmp/looked || echo health=looked >> "$LATTICE_OUTPUT"' > main.sh && echo yes > own
HEALTHCHECK --interval=1s CMD touch /tmp/looked
STOPSIGNAL SIGQUIT
USER 1000
ENTRYPOINT ["sh", "main.sh"]
CMD ["given"]
`,
  // The workspace goes along, and the image's own command is none of it.
  'data.txt': 'x',
  'lattice.yml': `name: own
image:
  build:
    context: .
workspace:
  - data.txt
electrons:
  own: {}
outputs:
  pwd: \${{ electrons.own.outputs.pwd }}
  greeting: \${{ electrons.own.outputs.greeting }}
  user: \${{ electrons.own.outputs.user }}
  word: \${{ electrons.own.outputs.word }}
  own: \${{ electrons.own.outputs.image-own }}
`,
};

export const OWN_OUTPUTS = {
  pwd: '/srv/app',
  greeting: 'hello from the image',
  user: '1000',
  word: 'given',
  own: 'yes',
};
