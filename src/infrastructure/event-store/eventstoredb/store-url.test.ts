import { describe, expect, test } from '@jest/globals';
import { parseStoreUrl } from './store-url.ts';

describe('the URL of a store on a server', () => {
  test('names the server, and keeps our parameters from the client', () => {
    expect(
      parseStoreUrl('kurrentdb://me:secret@one:2000,two/?tls=false&blobs=%2Fsrv%2Fblobs&namespace=lab'),
    ).toEqual({
      connection: 'esdb://me:secret@one:2000,two?tls=false',
      server: 'one:2000,two:2113',
      namespace: 'lab',
      blobs: '/srv/blobs',
    });
    expect(parseStoreUrl('esdb+discover://cluster')).toEqual({
      connection: 'esdb+discover://cluster',
      server: 'cluster:2113',
      namespace: 'isochron',
      blobs: undefined,
    });
  });

  test.each([
    ['http://host', /http:\/\/host is not the URL of a store; give esdb:\/\/HOST:PORT/],
    ['esdb://', /is not the URL of a store/],
    ['http://me:secret@host', /http:\/\/…@host is not/],
    ['esdb://host?namespace=a/b', /namespace "a\/b"/],
  ])('refuses %s', (url, message) => {
    expect(() => parseStoreUrl(url)).toThrow(message);
  });
});
