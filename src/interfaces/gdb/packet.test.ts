import { describe, expect, test } from '@jest/globals';
import { encodePacket, PacketReader } from './packet.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const all = (reader: PacketReader, text: string) => [...reader.feed(bytes(text))];
const packet = (payload: string) => ({ kind: 'packet', payload, intact: true });

describe('the packets of the remote protocol', () => {
  test('come out whole, however the line cuts them', () => {
    const line = '+$qSupported:multiprocess+#c6$g#67\u0003-';
    const whole = all(new PacketReader(), line);
    expect(whole).toEqual([
      { kind: 'acknowledged', intact: true },
      packet('qSupported:multiprocess+'),
      packet('g'),
      { kind: 'interrupt' },
      { kind: 'acknowledged', intact: false },
    ]);
    const reader = new PacketReader();
    expect([...line].flatMap((char) => all(reader, char))).toEqual(whole);
  });

  test('with a wrong checksum are not intact', () => {
    expect(all(new PacketReader(), '$g#68')).toEqual([{ kind: 'packet', payload: 'g', intact: false }]);
  });

  test('carry every byte', () => {
    const payload = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    const encoded = encodePacket(payload);
    expect(encoded.subarray(1, -3).includes('$')).toBe(false);
    expect(all(new PacketReader(), encoded.toString('latin1'))).toEqual([packet(payload)]);
  });

  test('what lies between packets is passed over', () => {
    expect(all(new PacketReader(), 'noise$g#67more')).toEqual([packet('g')]);
  });

  test('one without an end is refused', () => {
    const reader = new PacketReader();
    expect(() => {
      for (let part = 0; part < 40; part++) all(reader, part === 0 ? '$' : 'x'.repeat(2 ** 16));
    }).toThrow(/packet without an end/);
  });
});
