import { StoreFault } from '../../../application/ports/store-fault.ts';

/** Where an EventStoreDB (KurrentDB) server is, and what this store keeps beside it. */
export interface StoreUrl {
  /** What the client takes: `esdb://` or `esdb+discover://`, without the parameters that are ours. */
  readonly connection: string;
  /** `host:port` of the server, several separated by commas, without credentials: for messages. */
  readonly server: string;
  /** First part of every stream's name on the server, so that several stores can share one. */
  readonly namespace: string;
  /** The directory of the blobs, as written; undefined when the URL names none. */
  readonly blobs: string | undefined;
}

const schemes: Readonly<Record<string, string>> = {
  esdb: 'esdb',
  kurrentdb: 'esdb',
  kdb: 'esdb',
  'esdb+discover': 'esdb+discover',
  'kurrentdb+discover': 'esdb+discover',
  'kdb+discover': 'esdb+discover',
};

const defaultPort = '2113';

/**
 * Reads `esdb://[user:password@]host[:port][,host…][?tls=false&…]`. The parameters `blobs` (a directory) and `namespace`
 * (letters, digits, dots, dashes, underscores; default `isochron`) are ours, the others go to the client. Throws
 * StoreFault `store-unreadable`.
 */
export const parseStoreUrl = (url: string): StoreUrl => {
  const { scheme, credentials, hosts, query } =
    /^(?<scheme>[a-z][a-z0-9+]*):\/\/(?<credentials>[^@/?]*@)?(?<hosts>[^/?@]+)\/?(?:\?(?<query>.*))?$/.exec(
      url,
    )?.groups ?? {};
  const known = schemes[scheme ?? ''];
  if (known === undefined || hosts === undefined) {
    const message = `${withoutPassword(url)} is not the URL of a store; give esdb://HOST:PORT or kurrentdb://HOST:PORT, with ?tls=false for a server without TLS.`;
    throw new StoreFault('store-unreadable', message);
  }
  const parameters = new URLSearchParams(query);
  const namespace = parameters.get('namespace') ?? 'isochron';
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(namespace)) {
    const message = `namespace ${JSON.stringify(namespace)} is not 1 to 100 letters, digits, dots, dashes and underscores.`;
    throw new StoreFault('store-unreadable', message);
  }
  const passedOn = [...parameters]
    .filter(([name]) => name !== 'namespace' && name !== 'blobs')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    connection: `${known}://${credentials ?? ''}${hosts}${passedOn === '' ? '' : `?${passedOn}`}`,
    server: hosts
      .split(',')
      .map((host) => (host.includes(':') ? host : `${host}:${defaultPort}`))
      .join(','),
    namespace,
    blobs: parameters.get('blobs') ?? undefined,
  };
};

const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, '//…@').slice(0, 200);
