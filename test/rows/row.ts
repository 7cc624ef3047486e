/** Of each row of the Go table, by what it says of Chansel, a program that does it. */
export type Rows = Readonly<Record<string, () => Promise<void>>>
