/** Where a mock is. */
export interface MockAddress {
  /** Where it is asked as a provider is. */
  readonly url: string;
  /** Of several behind that URL: where each of them answers by itself, also about itself. Left out: it is one. */
  readonly memberUrls?: readonly string[];
}

/** Asks all that a mock consists of at once. */
export function askEach<T>({ url, memberUrls = [url] }: MockAddress, ask: (url: string) => Promise<T>): Promise<T[]> {
  return Promise.all(memberUrls.map(ask));
}
