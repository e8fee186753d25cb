/** Vite's way to name a bundled worker by its address. */
declare module '*?sharedworker&url' {
  const url: string;
  export default url;
}

/** Package version and content id, put in by vite.config.ts. */
declare const __BUILD__: string;
