import type { ServiceParts } from '@lockstep/coordinator';
import { decodeMessage } from '@lockstep/protocol';

type UpdateStream = ServiceParts['updateStream'];
type Follower = Parameters<UpdateStream['follow']>[1];

/**
 * An update stream whose updates are observed as they are sent: none may contain a step that the ledger
 * does not hold.
 *
 * @param published called with the version of each update
 */
export function watched(stream: UpdateStream, published: (version: number) => void): UpdateStream {
  return {
    sendEarly: (author, section) => stream.sendEarly(author, section),
    follow: (worker, follower, holding) => {
      const send: Follower['send'] = (message) => {
        void decodeMessage(message).then((event) => {
          if (event?.kind === 'update') published(event.version);
        });
        follower.send(message);
      };
      return stream.follow(worker, replacing(follower, send), holding);
    },
  };
}

function replacing(follower: Follower, send: Follower['send']): Follower {
  return {
    signal: follower.signal,
    get queuedBytes() {
      return follower.queuedBytes;
    },
    send,
    refuse: (refusal) => follower.refuse(refusal),
    end: () => follower.end(),
  };
}
