import { type ChannelInterface as Channel, connectivityState } from '@grpc/grpc-js';

const { CONNECTING, TRANSIENT_FAILURE, SHUTDOWN } = connectivityState;

/**
 * A channel that replaces itself when it has not connected in time. grpc-js has no connect timeout:
 * if the host behind an address drops packets, one attempt lasts until the kernel gives up, about
 * two minutes, regardless of the calls' deadlines, even if the address resolves to another host by
 * then. Calls that wait for the connection fail with `UNAVAILABLE`; later calls use the new
 * channel, which resolves the name again and connects with a new socket.
 *
 * @param open creates an idle channel
 * @param connectTimeoutMs from the first attempt to connect until the connection is usable
 */
export function createRenewedChannel(open: () => Channel, connectTimeoutMs: number): Channel {
  let current = open();
  let timer: NodeJS.Timeout | undefined;

  const renew = (): void => {
    timer = undefined;
    const late = current;
    current = open();
    watch(current);
    late.close();
  };
  const watch = (channel: Channel): void => {
    if (channel !== current) return;
    const state = channel.getConnectivityState(false);
    // After a failed attempt, gRPC reports TRANSIENT_FAILURE throughout the attempts that follow.
    if (state === CONNECTING || state === TRANSIENT_FAILURE) {
      timer ??= setTimeout(renew, connectTimeoutMs).unref();
    } else {
      clearTimeout(timer);
      timer = undefined;
    }
    if (state !== SHUTDOWN) channel.watchConnectivityState(state, Infinity, () => watch(channel));
  };
  watch(current);

  return {
    createCall: (...call) => current.createCall(...call),
    close: () => current.close(),
    getTarget: () => current.getTarget(),
    getConnectivityState: (tryToConnect) => current.getConnectivityState(tryToConnect),
    watchConnectivityState: (...state) => current.watchConnectivityState(...state),
    getChannelzRef: () => current.getChannelzRef(),
  };
}
