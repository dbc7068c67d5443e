/** Aborts when the process that started this one to work for it is gone; undefined where it works for nobody. */
export function parentGone(): AbortSignal | undefined {
  if (!process.connected) return undefined;
  const gone = new AbortController();
  process.once('disconnect', () => {
    gone.abort();
  });
  return gone.signal;
}
