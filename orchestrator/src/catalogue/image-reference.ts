const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?:(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+\\])(?::\\d+)?/)?${COMPONENT}(?:/${COMPONENT})*(?<tag>:\\w[\\w.-]{0,127})?(?<digest>@sha256:[0-9a-f]{64})?$`,
);

/**
 * Whether an engine takes this name of an image.
 * Source: https://pkg.go.dev/github.com/distribution/reference (the grammar)
 */
export function isImageReference(image: string): boolean {
  return REFERENCE.test(image);
}

/** The name with the tag that the docker command adds where there is neither tag nor digest: without one an engine pulls all. */
export function withTag(image: string): string {
  const { tag, digest } = REFERENCE.exec(image)?.groups ?? {};
  return tag === undefined && digest === undefined ? `${image}:latest` : image;
}
