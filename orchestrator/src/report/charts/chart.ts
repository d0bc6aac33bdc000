import type { Panel } from './panels.js';

/** What stands along x: log₁₀ of 1/(1−p), seconds of measuring, seconds of watching, minutes of a soak, or requests a second. */
export type LinesAlong = 'tail' | 'window' | 'watch' | 'soak' | 'rate';

/** One line of a target; its points lie `step` apart from `from` on. */
export interface Line {
  /** Index of the target in plan order. */
  readonly target: number;
  /** The quantile that it is of; empty: of something else. */
  readonly part: '' | 'p50' | 'p90' | 'p99';
  /** Null: nothing is known there. */
  readonly ys: readonly (number | null)[];
}

/** A figure of the summary on its target's line, with its interval. */
export interface OnLine {
  readonly target: number;
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** `p99, 1500 requests in 3 blocks`. */
  readonly about: string;
}

/** Lines over something that ascends. */
export interface Lines {
  readonly kind: 'lines';
  readonly along: LinesAlong;
  readonly unit: string;
  readonly log: boolean;
  readonly from: number;
  readonly step: number;
  readonly lines: readonly Line[];
  readonly figures: readonly OnLine[];
  /** Where something begins, for example a block. */
  readonly begins: readonly { readonly x: number; readonly label: string }[];
  /** Lines across, for example a limit; of one target, or of all (null). */
  readonly limits: readonly { readonly target: number | null; readonly y: number; readonly label: string }[];
  /** A straight line through a target's points, and the fan of its interval; left out where none was fitted. */
  readonly fit?: {
    readonly target: number;
    readonly xs: readonly [number, number];
    readonly value: readonly [number, number];
    readonly low: readonly [number, number];
    readonly high: readonly [number, number];
  };
  /** The axis of y begins where the figures do, and not at 0. */
  readonly isClose?: boolean;
}

/** A bar a target, made of parts that add up. */
export interface Stack {
  readonly kind: 'stack';
  readonly unit: string;
  readonly parts: readonly string[];
  readonly bars: readonly {
    readonly target: number;
    readonly values: readonly number[];
    readonly basis: string;
  }[];
}

/** Levels along x, targets side by side. */
export interface Levels {
  readonly kind: 'levels';
  readonly panel: Panel;
}

/** A rate that a search sent to a target, and how its windows went. */
export interface Step {
  /** Requests per second. */
  readonly rate: number;
  readonly held: number;
  readonly broken: number;
  /** Windows that say nothing, because the surroundings spoilt them. */
  readonly spoilt: number;
  /** `holds`, `does not hold`, or why neither is settled. */
  readonly settled: string;
  /** What broke, and what spoilt a window; empty where all held. */
  readonly why: string;
}

/** Lanes of targets along a log axis of rates: what was sent, how it went, and where the capacity lies. */
export interface Search {
  readonly kind: 'search';
  readonly lanes: readonly {
    readonly target: number;
    readonly steps: readonly Step[];
    /** Where the capacity lies; null at an end that is open, both null where nothing is known. */
    readonly range: { readonly low: number | null; readonly high: number | null };
    /** The range in words, or why there is none. */
    readonly text: string;
  }[];
}

/** A change on the axis of its chart. */
export interface ChangeLane {
  /** Index of the gateway whose change it is. */
  readonly target: number;
  readonly label: string;
  /** The change in words, and the same in as few as fit a narrow screen. */
  readonly text: string;
  readonly short: string;
  readonly verdict: 'better' | 'worse' | 'differs' | 'cannot-be-told';
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Within it no change is one; null where that is not known. */
  readonly needed: { readonly low: number; readonly high: number } | null;
  /** What a gate allows; null without one. */
  readonly limit: number | null;
  /** `6 blocks`. */
  readonly basis: string;
}

/** Lanes of changes, each with its interval, about where nothing changes. */
export interface Changes {
  readonly kind: 'changes';
  /** `ratio`: b as a multiple of a, on a log axis; else b − a in {@link Changes.unit}. */
  readonly as: 'difference' | 'ratio';
  readonly unit: string;
  readonly lanes: readonly ChangeLane[];
}

/** What a chart of the page is drawn from, whole and without a colour. */
export type Drawing = Changes | Levels | Lines | Search | Stack;

/** A chart with its words. */
export interface Chart {
  /** Unlike the others of its scenario and level; names its file. */
  readonly key: string;
  readonly title: string;
  /** What it shows, and why it may be believed. */
  readonly sentence: string;
  /** The level that it is of; null: all of its scenario. */
  readonly level: string | null;
  /** Null where there is nothing to draw; then `lacks` says why. */
  readonly drawing: Drawing | null;
  /** Whatever a reader would look for in it and not find, with the reason. */
  readonly lacks: readonly string[];
}
