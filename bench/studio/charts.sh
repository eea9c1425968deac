#!/usr/bin/env bash
# uPlot against ECharts: size, time to load and to draw 100,000 points, in Chromium. Needs Node, npm and chromium. See docs/adr/0030-studio.md.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund uplot@1.6.32 echarts@6.1.0 esbuild@0.28.2 >/dev/null
cat >uplot.mjs <<'JS'
import uPlot from "uplot";
export const draw = (place, x, y, done) => {
  const plot = new uPlot({ width: 1200, height: 400, legend: { show: false }, scales: { x: { time: false } }, series: [{}, { stroke: "#1a5cc0" }] }, [x, y], place);
  requestAnimationFrame(() => done(() => plot.setScale("x", { min: 20000, max: 60000 })));
};
JS
cat >echarts.mjs <<'JS'
import * as echarts from "echarts/core";
import { LineChart } from "echarts/charts";
import { GridComponent, DataZoomComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
echarts.use([LineChart, GridComponent, DataZoomComponent, CanvasRenderer]);
export const draw = (place, x, y, done) => {
  const chart = echarts.init(place, null, { width: 1200, height: 400 });
  chart.on("finished", () => { chart.off("finished"); done(() => chart.dispatchAction({ type: "dataZoom", startValue: 20000, endValue: 60000 })); });
  chart.setOption({ animation: false, grid: {}, xAxis: { type: "value" }, yAxis: {}, dataZoom: [{ type: "inside", filterMode: "none" }], series: [{ type: "line", showSymbol: false, sampling: "minmax", data: x.map((v, i) => [v, y[i]]) }] });
};
JS
for library in uplot echarts; do
  cat >"$library-main.mjs" <<JS
import { draw } from "./$library.mjs";
const [x, y] = [[], []];
for (let i = 0; i < 100000; i++) { x.push(i); y.push(2 / (1 + i / 5000) + 0.1 * Math.sin(i * 7.1)); }
const loaded = performance.now();
draw(document.getElementById("place"), x, y, zoom => {
  const drawn = performance.now();
  zoom();
  requestAnimationFrame(() => setTimeout(() => { document.title = JSON.stringify({ load: Math.round(loaded - globalThis.begun), draw: Math.round(drawn - loaded), zoom: Math.round(performance.now() - drawn) }); }));
});
JS
  npx esbuild "$library-main.mjs" --bundle --minify --target=es2022 --outfile="$library.js" --log-level=error
  printf '<!DOCTYPE html><title>none</title><div id="place"></div><script>globalThis.begun=performance.now()</script><script src="%s.js"></script>' "$library" >"$library.html"
  printf '%-8s %6d bytes, %6d gzipped' "$library" "$(stat -c %s "$library.js")" "$(gzip -9c "$library.js" | wc -c)"
  for _ in 1 2 3 4 5; do
    chromium --headless --no-sandbox --disable-gpu --timeout=6000 --dump-dom "file://$work/$library.html" 2>/dev/null | grep -o '<title>[^<]*' | sed 's/<title>/  /'
  done | tr '\n' ' '
  echo
done
