import { defineConfig } from 'vite';

export default defineConfig({
  // The page works in any folder of a server.
  base: './',
  // One runtime, which is that of this project, and which the development server leaves beside its .wasm file.
  resolve: { dedupe: ['onnxruntime-web'] },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
});
