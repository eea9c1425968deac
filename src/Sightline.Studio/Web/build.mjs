// Bundles the script and the style into ../wwwroot. Run: npm ci && npm run build
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2] ?? "../wwwroot"; // The test of the bundle passes another folder.
await build({
  absWorkingDir: here,
  entryPoints: { studio: "main.ts" },
  outdir,
  bundle: true,
  minify: true,
  target: "es2022",
  format: "iife",
  charset: "utf8",
  legalComments: "inline",
});
await build({ absWorkingDir: here, entryPoints: { studio: "studio.css" }, outdir, bundle: true, minify: true, target: "es2022", charset: "utf8", legalComments: "inline" });
