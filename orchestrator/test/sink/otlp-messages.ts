/** A field that holds bytes, as protobuf writes it. */
export function field(number: number, bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes as string);
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

/** A field that holds a number of eight bytes. */
export function fixed64(number: number): Buffer {
  return Buffer.concat([varint((number << 3) | 1), Buffer.alloc(8, 7)]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** A span with a trace id, a time and a kind, as exporters write it. */
export function span(name: string, parent: string): Buffer {
  return Buffer.concat([
    field(1, Buffer.alloc(16, 1)),
    field(2, Buffer.alloc(8, 2)),
    ...(parent === '' ? [] : [field(4, parent)]),
    field(5, name),
    varint((6 << 3) | 0),
    varint(3),
    fixed64(7),
  ]);
}

/** An export request: items by scope by resource. */
export function exported(items: readonly (readonly (readonly Buffer[])[])[]): Buffer {
  return Buffer.concat(
    items.map((scopes) =>
      field(
        1,
        Buffer.concat([
          field(1, field(1, 'a resource')),
          ...scopes.map((list) =>
            field(2, Buffer.concat([field(1, field(1, 'a scope')), ...list.map((item) => field(2, item))])),
          ),
        ]),
      ),
    ),
  );
}
