#!/bin/sh
# Makes report.png beside this file. Needs Chromium (Debian: apt-get install chromium).
#   docs/images/make-report-picture.sh                        from the sample of the tests (drawn figures, nothing measured)
#   docs/images/make-report-picture.sh runs/NAME/report.html  from a real run
set -eu
cd "$(dirname "$0")/../.."
page=${1:-}
if [ -z "$page" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  SIGHTLINE_REPORT_SAMPLE=$folder dotnet run --project tests/Sightline.Tests -- -class Sightline.Tests.Runs.Report.ReportSampleTests
  page=$folder/report.html
fi
# No sandbox: the page is ours and runs no script, and containers often forbid the sandbox.
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=1240,1190 \
  --screenshot="$PWD/docs/images/report.png" "file://$(realpath "$page")"
