declare module 'comity:places' {
  /** ISO 3166-1 numeric code -> [longitude, latitude] of countries the coarse map leaves out. */
  const places: Record<string, [number, number]>;
  export default places;
}
