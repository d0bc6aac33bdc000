/** Response headers in the order they are sent, without Date and without the framing ones, which the wire adds. */
export type Headers = readonly (readonly [name: string, value: string])[];
