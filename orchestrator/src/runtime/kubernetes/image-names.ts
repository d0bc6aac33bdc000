import type { PodManner } from './manner.js';

/**
 * The image as nodes are to name it. Those without a registry in their name (ours, Portkey's) are built by hand, so they are in none, or in
 * the one that is given.
 */
export function imageName(
  image: string,
  { imageRegistry, ownImage }: Pick<PodManner, 'imageRegistry' | 'ownImage'>,
): string {
  if (ownImage !== null && /^crabllm-bench(:|$)/.test(image)) return ownImage;
  return imageRegistry === null || !isHomeMade(image) ? image : `${imageRegistry}/${image}`;
}

/** Whether an image is one that this project builds, and so one that no registry has by itself. */
export function isHomeMade(image: string): boolean {
  return /^crabllm-bench[a-z-]*(:|$)/.test(image);
}

/** Whether a node that says it has these images has that one: it names them as containerd does, with the registry that Docker leaves out. */
export function isListed(images: readonly string[], image: string): boolean {
  return images.some((name) => name === image || name.endsWith(`/${image}`));
}

/**
 * Which nodes have which images, for the plan. A kubelet lists its fifty largest alone, so one that it does not name may be there all the same.
 * @param wanted each image with a node that is to run it; twice is once
 * @param listed by node
 */
export function imagesText(
  wanted: readonly { readonly image: string; readonly node: string }[],
  listed: Readonly<Record<string, readonly string[]>>,
): string {
  const nodesOf = new Map<string, Set<string>>();
  for (const { image, node } of wanted) nodesOf.set(image, (nodesOf.get(image) ?? new Set()).add(node));
  const each = [...nodesOf].map(([image, nodes]) => {
    const has = [...nodes].filter((node) => isListed(listed[node] ?? [], image));
    const lacks = [...nodes].filter((node) => !has.includes(node));
    const pulled = `not listed by ${lacks.join(', ')}, which pulls what it does not have`;
    return `${image} ${[...(has.length === 0 ? [] : [`on ${has.join(', ')}`]), ...(lacks.length === 0 ? [] : [pulled])].join(', ')}`;
  });
  return `images: ${each.join('; ')}`;
}
