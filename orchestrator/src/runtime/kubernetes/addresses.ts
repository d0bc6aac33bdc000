/** Where a service that others are told of can be reached, by the port under which they are told of it. */
export type Addresses = ReadonlyMap<number, { readonly host: string; readonly port: number }>;

/**
 * A text that is written for one host, `127.0.0.1:PORT`, for several: services that others are told of get the addresses of their Pods, and
 * what it listens on itself is opened to others than its own Pod.
 * @param ownPort where the service that the text belongs to listens
 */
export function atAddresses(text: string, ownPort: number, addresses: Addresses): string {
  return text.replaceAll(/\b127\.0\.0\.1:(\d+)/g, (mention, digits: string) => {
    const port = Number(digits);
    const there = addresses.get(port);
    if (there !== undefined) return `${there.host}:${there.port}`;
    return port === ownPort ? `0.0.0.0:${port}` : mention;
  });
}

/**
 * A variable's value with the mock's host in the place of this host's loopback, where that stands in a list of hosts: some send requests to
 * no private address that is not named there. By itself it is where something listens, and stays.
 */
export function inHostList(value: string, mockHost: string): string {
  return value.includes(',') ? value.replaceAll(/(?<=^|,\s*)127\.0\.0\.1(?=\s*,|\s*$)/g, mockHost) : value;
}

/** A command line of the mock that listens for others, and tells those about itself who have the token. */
export function openMock(command: readonly string[]): string[] {
  const at = command.indexOf('--host');
  const opened = at === -1 ? [...command] : command.with(at + 1, '0.0.0.0');
  return opened.includes('--control') ? opened : [...opened, '--control', 'token'];
}

/** A Pod's address as the host of a URL: of IPv6 in brackets (RFC 3986, 3.2.2). */
export function hostOfUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
