/** What the name of a target asks for: `crabllm+auth@0.0.24` is version 0.0.24 of crabllm in its variant auth. */
export interface TargetName {
  readonly gateway: string;
  /** Null: the gateway's own configuration. */
  readonly variant: string | null;
  /** Null: the version that its compose file pins. */
  readonly version: string | null;
}

/** The name of a variant that is the gateway's own configuration once more: what a difference between variants is held against. */
export const BARE = 'bare';

/** Reads a name. What follows `@` is the version, whatever it holds: versions may have a `+` of their own. */
export function parseTargetName(name: string): TargetName {
  const [subject, version] = cut(name, '@');
  const [gateway, variant] = cut(subject, '+');
  return { gateway, variant: variant ?? null, version: version ?? null };
}

/** The reverse of {@link parseTargetName}. */
export function targetName({ gateway, variant, version }: TargetName): string {
  return `${gateway}${variant === null ? '' : `+${variant}`}${version === null ? '' : `@${version}`}`;
}

/** A target's name for what allows letters, digits, `-`, `_` and `.` only, such as containers and Pods. */
export function plainName(name: string): string {
  return name.replaceAll(/[@:+]/g, '-');
}

/** The service of the compose file that a target is made from: that of a variant is called GATEWAY-VARIANT. */
export function composeServiceName(name: string): string {
  const { gateway, variant } = parseTargetName(name.split(':', 1)[0] ?? name);
  return variant === null || variant === BARE ? gateway : `${gateway}-${variant}`;
}

function cut(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
