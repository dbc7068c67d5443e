/** Milliseconds since the process began, monotonic and finer than a microsecond. `performance` would be loaded first, which takes a few of them. */
export const uptimeMs = (): number => process.uptime() * 1000;
