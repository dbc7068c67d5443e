import { ByteReader, ByteWriter } from './byte-stream.ts';

/**
 * A binary form of plain data (null, undefined, booleans, numbers, bigints, strings, arrays, plain objects, Maps,
 * Sets, typed arrays) for snapshots. Laws: decode(encode(v)) equals v, sharing and cycles included; equal data, built in
 * the same order, encodes to the same bytes on every engine and JavaScript version (a snapshot's digest is part of the
 * event log, and V8's own serializer writes 1 differently depending on how it happens to be held).
 */
const tags = [
  'null',
  'undefined',
  'false',
  'true',
  'integer',
  'negative',
  'float',
  'bigint',
  'text',
  'text16',
  'array',
  'object',
  'map',
  'set',
  'view',
  'attachment',
  'seen',
] as const;
type Tag = (typeof tags)[number];
const tagNumber = Object.fromEntries(tags.map((tag, number) => [tag, number])) as Record<Tag, number>;

const views = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
  Float64Array,
};
type ViewName = keyof typeof views;
const viewNames = Object.keys(views) as ViewName[];

const maxDepth = 500;

/** Encoded data; byte arrays of `attachFrom` bytes and more stand beside it, to be stored (and shared) on their own. */
export interface EncodedPlainData {
  readonly bytes: Uint8Array;
  readonly attachments: readonly Uint8Array[];
}

/**
 * The fields of an object as they were encoded last, by name. A field that is the very same object again, and stands where the same number of
 * objects come before it, is not gone through once more: nobody may have changed it, nor may it share objects with other fields.
 */
export type EncodedFields = Map<string, EncodedField>;

interface EncodedField extends EncodedPlainData {
  readonly value: object;
  /** Objects, and byte arrays that stand beside, before it; and objects in it. */
  readonly objectsBefore: number;
  readonly attachedBefore: number;
  readonly objects: number;
}

/**
 * `fields`: of the object that was encoded before, to be those of this one. Throws TypeError, naming the path, for anything that is not
 * plain data.
 */
export function encodePlainData(
  value: unknown,
  attachFrom = Number.POSITIVE_INFINITY,
  fields?: EncodedFields,
): EncodedPlainData {
  /** The keys that lead to what is being written: a path is made of them only where something is wrong. */
  const keys: unknown[] = [];
  const writer = new ByteWriter();
  const attachments: Uint8Array[] = [];
  const seen = new Map<object, number>();
  /** Objects so far, those included that were not gone through. */
  let objects = 0;
  const text = (content: string): void => {
    if (content.isWellFormed()) {
      writer.byte(tagNumber.text);
      writer.text(content);
    } else {
      writer.byte(tagNumber.text16);
      writer.varint(content.length);
      for (let at = 0; at < content.length; at++) writer.varint(content.charCodeAt(at));
    }
  };
  const number = (content: number): void => {
    if (Number.isSafeInteger(content) && !Object.is(content, -0)) {
      writer.byte(content < 0 ? tagNumber.negative : tagNumber.integer);
      writer.varint(Math.abs(content));
    } else {
      writer.byte(tagNumber.float);
      writer.float(content);
    }
  };
  const view = (content: ArrayBufferView): void => {
    const kind = viewNames.findIndex((name) => content.constructor === views[name]);
    if (kind < 0) throw notPlain(content, keys);
    const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    if (kind === 0 && bytes.length >= attachFrom) {
      writer.byte(tagNumber.attachment);
      writer.varint(attachments.length);
      attachments.push(bytes.slice());
    } else {
      writer.byte(tagNumber.view);
      writer.byte(kind);
      writer.bytes(bytes);
    }
  };
  const object = (content: object): void => {
    const before = seen.get(content);
    if (before !== undefined) {
      writer.byte(tagNumber.seen);
      writer.varint(before);
      return;
    }
    seen.set(content, objects++);
    if (keys.length > maxDepth + 1)
      throw new TypeError(`${pathOf(keys)} is nested more than ${maxDepth.toString()} deep`);
    if (Array.isArray(content)) {
      writer.byte(tagNumber.array);
      writer.varint(content.length);
      for (let at = 0; at < content.length; at++) put(content[at], at);
    } else if (is<Map<unknown, unknown>>(content, 'Map')) {
      writer.byte(tagNumber.map);
      writer.varint(content.size);
      for (const [key, item] of content) {
        put(key, 'key');
        put(item, key);
      }
    } else if (is<Set<unknown>>(content, 'Set')) {
      writer.byte(tagNumber.set);
      writer.varint(content.size);
      for (const item of content) put(item, 'member');
    } else if (ArrayBuffer.isView(content)) {
      view(content);
    } else {
      const prototype: unknown = Object.getPrototypeOf(content);
      // A plain object's prototype is the root of its realm (a structured clone's need not be ours).
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notPlain(content, keys);
      const entries = Object.entries(content);
      writer.byte(tagNumber.object);
      writer.varint(entries.length);
      for (const [key, item] of entries) {
        text(key);
        if (fields && keys.length === 1 && typeof item === 'object' && item !== null)
          putField(key, item, fields);
        else put(item, key);
      }
    }
  };
  const putField = (key: string, item: object, known: EncodedFields): void => {
    const before = known.get(key);
    const [objectsBefore, attachedBefore] = [objects, attachments.length];
    if (
      before?.value === item &&
      before.objectsBefore === objectsBefore &&
      before.attachedBefore === attachedBefore
    ) {
      writer.raw(before.bytes);
      attachments.push(...before.attachments);
      objects += before.objects;
      return;
    }
    const from = writer.length;
    put(item, key);
    known.set(key, {
      value: item,
      objectsBefore,
      attachedBefore,
      objects: objects - objectsBefore,
      bytes: writer.view().slice(from),
      attachments: attachments.slice(attachedBefore),
    });
  };
  const put = (content: unknown, key: unknown): void => {
    keys.push(key);
    if (content === null) writer.byte(tagNumber.null);
    else if (content === undefined) writer.byte(tagNumber.undefined);
    else if (typeof content === 'boolean') writer.byte(content ? tagNumber.true : tagNumber.false);
    else if (typeof content === 'number') number(content);
    else if (typeof content === 'string') text(content);
    else if (typeof content === 'bigint') {
      writer.byte(tagNumber.bigint);
      writer.text(content.toString(16));
    } else if (typeof content === 'object') object(content);
    else throw notPlain(content, keys);
    keys.pop();
  };
  put(value, 'state');
  return { bytes: writer.finish(), attachments };
}

/** Built-in classes by their tag, which holds across realms. */
const is = <T extends object>(value: object, name: string): value is T =>
  Object.prototype.toString.call(value) === `[object ${name}]`;

const pathOf = (keys: readonly unknown[]): string =>
  keys
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`))
    .join('');

const notPlain = (value: unknown, keys: readonly unknown[]): TypeError =>
  new TypeError(
    `${pathOf(keys)} is not plain data: ${typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value}`,
  );

/** Throws RangeError where the bytes are not what `encodePlainData` writes. */
export function decodePlainData(bytes: Uint8Array, attachments: readonly Uint8Array[] = []): unknown {
  const reader = new ByteReader(bytes);
  const seen: object[] = [];
  const count = (): number => {
    const length = reader.varint();
    if (length > reader.remaining) throw new RangeError('a collection is longer than the data');
    return length;
  };
  const text = (): string => {
    const tag = tags[reader.byte()];
    if (tag === 'text')
      return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(reader.bytes());
    if (tag !== 'text16') throw new RangeError('a key is not a string');
    return text16();
  };
  const text16 = (): string => {
    let content = '';
    for (let left = count(); left > 0; left--) content += String.fromCharCode(reader.varint());
    return content;
  };
  const bigint = (): bigint => {
    const digits = new TextDecoder().decode(reader.bytes());
    if (!/^-?[0-9a-f]+$/.test(digits)) throw new RangeError('a large integer is malformed');
    return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
  };
  const view = (): object => {
    const name = viewNames[reader.byte()];
    if (name === undefined) throw new RangeError('unknown kind of array');
    const content = reader.bytes();
    if (content.length % views[name].BYTES_PER_ELEMENT !== 0)
      throw new RangeError('an array has a torn element');
    return new views[name](content.buffer, 0, content.length / views[name].BYTES_PER_ELEMENT);
  };
  const keep = <T extends object>(content: T): T => {
    seen.push(content);
    return content;
  };
  const take = (depth: number): unknown => {
    if (depth > maxDepth + 1) throw new RangeError(`data is nested more than ${maxDepth.toString()} deep`);
    const tag = tags[reader.byte()];
    switch (tag) {
      case 'null':
        return null;
      case 'false':
        return false;
      case 'true':
        return true;
      case 'integer':
        return reader.varint();
      case 'negative':
        return -reader.varint();
      case 'float':
        return reader.float();
      case 'bigint':
        return bigint();
      case 'text':
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reader.bytes());
      case 'text16':
        return text16();
      case 'array': {
        const content = keep<unknown[]>([]);
        for (let left = count(); left > 0; left--) content.push(take(depth + 1));
        return content;
      }
      case 'object': {
        const content = keep<Record<string, unknown>>({});
        for (let left = count(); left > 0; left--) {
          const key = text();
          // Not assignment: a key named __proto__ must stay a key.
          const value = take(depth + 1);
          Object.defineProperty(content, key, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        }
        return content;
      }
      case 'map': {
        const content = keep(new Map<unknown, unknown>());
        for (let left = count(); left > 0; left--) {
          const key = take(depth + 1);
          content.set(key, take(depth + 1));
        }
        return content;
      }
      case 'set': {
        const content = keep(new Set<unknown>());
        for (let left = count(); left > 0; left--) content.add(take(depth + 1));
        return content;
      }
      case 'view':
        return keep(view());
      case 'attachment': {
        const attached = attachments[reader.varint()];
        if (attached === undefined) throw new RangeError('an attachment is missing');
        return keep(attached.slice());
      }
      case 'seen': {
        const earlier = seen[reader.varint()];
        if (earlier === undefined) throw new RangeError('a reference leads nowhere');
        return earlier;
      }
      case 'undefined':
        return undefined;
      default:
        throw new RangeError('unknown kind of value');
    }
  };
  const value = take(0);
  if (reader.remaining > 0) throw new RangeError(`${reader.remaining.toString()} bytes are left over`);
  return value;
}
