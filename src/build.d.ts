/** Package version and content id, put in by vite.config.ts. */
declare const __BUILD__: string;
